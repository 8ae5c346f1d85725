import type { Ref } from '../soap/values.ts';
import { ref } from '../soap/values.ts';
import { addDatastore } from './datastore-object.ts';
import { addFolder, entity, vmsWhere } from './entity.ts';
import type { Inventory } from './inventory.ts';
import type { Site } from './site.ts';

export interface PlacesInit {
  readonly datacenter: string;
  readonly cluster: string;
  readonly hosts: readonly string[];
  readonly networks: readonly string[];
  readonly datastores: readonly {
    readonly name: string;
    readonly type: 'VMFS' | 'NFS';
    readonly capacityBytes: number;
  }[];
  readonly hostThumbprint: string;
}

/** The references that scenarios and provisioning need. */
export interface Places {
  readonly root: Ref;
  readonly datacenter: Ref;
  readonly vmFolder: Ref;
  readonly pool: Ref;
  readonly hosts: readonly Ref[];
  readonly networks: ReadonlyMap<string, Ref>;
  /** Folders below the vm folder, by path. */
  readonly folders: Map<string, Ref>;
}

/** Builds the inventory tree above the VMs. */
export function makePlaces(site: Site, init: PlacesInit): Places {
  const { inventory } = site;
  const root = ref('Folder', 'group-d1');
  const datacenter = inventory.nextRef('Datacenter', 'datacenter');
  const folderTypes = {
    vm: 'VirtualMachine',
    host: 'ComputeResource',
    datastore: 'Datastore',
    network: 'Network',
  };
  const sub = Object.fromEntries(
    Object.keys(folderTypes).map((kind) => [
      kind,
      ref('Folder', `group-${kind[0]}${kind.length}01`),
    ]),
  ) as Record<keyof typeof folderTypes, Ref>;
  addFolder(inventory, {
    self: root,
    name: 'Datacenters',
    parent: undefined,
    childType: ['Folder', 'Datacenter'],
  });
  inventory.add({
    ref: datacenter,
    read: {
      ...entity(init.datacenter, root),
      vmFolder: () => sub.vm,
      hostFolder: () => sub.host,
      datastoreFolder: () => sub.datastore,
      networkFolder: () => sub.network,
      datastore: () => refsOf(inventory, 'Datastore'),
      network: () => refsOf(inventory, 'Network'),
    },
  });
  for (const [kind, type] of Object.entries(folderTypes))
    addFolder(inventory, {
      self: sub[kind as keyof typeof folderTypes],
      name: kind,
      parent: datacenter,
      childType: ['Folder', type],
    });
  const cluster = inventory.nextRef('ClusterComputeResource', 'domain-c');
  const pool = inventory.nextRef('ResourcePool', 'resgroup');
  const hosts = init.hosts.map(() => inventory.nextRef('HostSystem', 'host'));
  const networks = new Map(
    init.networks.map((name) => [name, inventory.nextRef('Network', 'network')]),
  );
  addCluster(site, { cluster, pool, hosts, init, folder: sub.host });
  for (const [i, host] of hosts.entries())
    addHost(site, { host, name: init.hosts[i]!, cluster, init });
  for (const [name, self] of networks) addNetwork(site, { self, name, folder: sub.network, hosts });
  for (const each of init.datastores) addDatastore(site, { ...each, folder: sub.datastore, hosts });
  return { root, datacenter, vmFolder: sub.vm, pool, hosts, networks, folders: new Map() };
}

function refsOf(inventory: Inventory, type: string): Ref[] {
  return [...inventory.ofType(type)].map((object) => object.ref);
}

function addCluster(
  site: Site,
  at: { cluster: Ref; pool: Ref; hosts: readonly Ref[]; init: PlacesInit; folder: Ref },
): void {
  const { inventory } = site;
  const summary = {
    $type: 'ClusterComputeResourceSummary',
    totalCpu: 8000 * at.hosts.length,
    totalMemory: 64 * 2 ** 30 * at.hosts.length,
    numCpuCores: 4 * at.hosts.length,
    numCpuThreads: 8 * at.hosts.length,
    effectiveCpu: 8000 * at.hosts.length,
    effectiveMemory: 60_000 * at.hosts.length,
    numHosts: at.hosts.length,
    numEffectiveHosts: at.hosts.length,
    overallStatus: 'green',
    currentFailoverLevel: 0,
    numVmotions: 0,
  };
  inventory.add({
    ref: at.cluster,
    read: {
      ...entity(at.init.cluster, at.folder),
      resourcePool: () => at.pool,
      host: () => at.hosts,
      datastore: () => refsOf(inventory, 'Datastore'),
      network: () => refsOf(inventory, 'Network'),
      summary: () => summary,
    },
  });
  const allocation = { reservation: 0, limit: -1, shares: { shares: 4000, level: 'normal' } };
  const config = { cpuAllocation: allocation, memoryAllocation: allocation };
  const usage = {
    reservationUsed: 0,
    reservationUsedForVm: 0,
    unreservedForPool: 0,
    unreservedForVm: 0,
    overallUsage: 0,
    maxUsage: 0,
  };
  const runtime = { memory: usage, cpu: usage, overallStatus: 'green' };
  inventory.add({
    ref: at.pool,
    read: {
      ...entity('Resources', at.cluster),
      owner: () => at.cluster,
      resourcePool: () => [],
      vm: () =>
        [...site.vms.values()].filter((vm) => vm.pool.value === at.pool.value).map((vm) => vm.ref),
      config: () => config,
      runtime: () => runtime,
      summary: () => ({ name: 'Resources', config, runtime }),
    },
  });
}

function addHost(
  site: Site,
  at: { host: Ref; name: string; cluster: Ref; init: PlacesInit },
): void {
  const runtime = {
    connectionState: 'connected',
    powerState: 'poweredOn',
    inMaintenanceMode: false,
  };
  site.inventory.add({
    ref: at.host,
    read: {
      ...entity(at.name, at.cluster),
      runtime: () => runtime,
      summary: () => ({
        host: at.host,
        runtime,
        config: {
          name: at.name,
          port: 443,
          sslThumbprint: at.init.hostThumbprint,
          vmotionEnabled: true,
          faultToleranceEnabled: false,
        },
        quickStats: { overallCpuUsage: 400, overallMemoryUsage: 8000 },
        overallStatus: 'green',
        rebootRequired: false,
      }),
      vm: () => vmsWhere(site, (host) => host.value === at.host.value),
      datastore: () => refsOf(site.inventory, 'Datastore'),
      network: () => refsOf(site.inventory, 'Network'),
    },
  });
}

function addNetwork(
  site: Site,
  at: { self: Ref; name: string; folder: Ref; hosts: readonly Ref[] },
): void {
  site.inventory.add({
    ref: at.self,
    read: {
      ...entity(at.name, at.folder),
      summary: () => ({ network: at.self, name: at.name, accessible: true, ipPoolName: '' }),
      host: () => at.hosts,
      vm: () =>
        vmsWhere(site, (_, places) => places.networks.some((n) => n.value === at.self.value)),
    },
  });
}
