import type { Ref } from '../soap/values.ts';
import { entity, vmsWhere } from './entity.ts';
import type { DatastoreQuirks, Site } from './site.ts';

/** A datastore as a managed object; what it shows can be bent by its quirks. */
export function addDatastore(
  site: Site,
  at: {
    name: string;
    type: 'VMFS' | 'NFS';
    capacityBytes: number;
    folder: Ref;
    hosts: readonly Ref[];
  },
): void {
  const self = site.inventory.nextRef('Datastore', 'datastore');
  const quirks: DatastoreQuirks = {};
  site.datastores.set(at.name, { ref: self, ...at, quirks });
  const url = `ds:///vmfs/volumes/${self.value}-5f0c0ffe/`;
  const used = (): number =>
    [...site.vms.values()]
      .flatMap((vm) => vm.disks)
      .filter((disk) => disk.datastore.value === self.value)
      .reduce((sum, disk) => sum + disk.leaf.sizeBytes, 0);
  const free = (): number => quirks.freeBytes ?? Math.max(0, at.capacityBytes - used());
  const vmfs = at.type === 'VMFS';
  site.inventory.add({
    ref: self,
    read: {
      ...entity(at.name, at.folder),
      summary: () => ({
        datastore: self,
        name: at.name,
        url,
        capacity: at.capacityBytes,
        freeSpace: free(),
        uncommitted: 0,
        accessible: quirks.accessible ?? true,
        multipleHostAccess: true,
        type: at.type,
        maintenanceMode: quirks.maintenanceMode ?? 'normal',
      }),
      info: () =>
        datastoreInfo({ name: at.name, url, free: free(), capacityBytes: at.capacityBytes, vmfs }),
      host: () =>
        at.hosts.map((key) => ({
          key,
          mountInfo: {
            path: url.slice(5),
            accessMode: 'readWrite',
            mounted: true,
            accessible: quirks.accessible ?? true,
          },
        })),
      vm: () =>
        vmsWhere(site, (_, places) => places.datastores.some((d) => d.value === self.value)),
      capability: () => ({
        directoryHierarchySupported: true,
        rawDiskMappingsSupported: vmfs,
        perFileThinProvisioningSupported: true,
        storageIORMSupported: true,
        nativeSnapshotSupported: false,
      }),
    },
  });
}

function datastoreInfo(of: {
  name: string;
  url: string;
  free: number;
  capacityBytes: number;
  vmfs: boolean;
}): object {
  const common = {
    name: of.name,
    url: of.url,
    freeSpace: of.free,
    maxFileSize: 62 * 2 ** 40,
    maxVirtualDiskCapacity: 62 * 2 ** 40,
    maxMemoryFileSize: 62 * 2 ** 40,
    timestamp: new Date(0).toISOString(),
  };
  const volume = { type: of.vmfs ? 'VMFS' : 'NFS', name: of.name, capacity: of.capacityBytes };
  if (!of.vmfs)
    return {
      $type: 'NasDatastoreInfo',
      ...common,
      nas: { ...volume, remoteHost: 'nas.lab.invalid', remotePath: '/export/vms' },
    };
  const vmfs = {
    ...volume,
    blockSizeMb: 1,
    maxBlocks: 63_963_136,
    majorVersion: 6,
    version: '6.82',
    uuid: '5f0c0ffe-0a0b0c0d-0e0f-005056000001',
    extent: [{ diskName: 'naa.600508b4000971fa0000a00001230000', partition: 1 }],
    vmfsUpgradable: false,
  };
  return {
    $type: 'VmfsDatastoreInfo',
    ...common,
    maxPhysicalRDMFileSize: 62 * 2 ** 40,
    maxVirtualRDMFileSize: 62 * 2 ** 40,
    vmfs,
  };
}
