import type { ControllerType, DiskScenario, VmScenario } from '../scenario.ts';
import type { Ref } from '../soap/values.ts';
import type { Device } from './devices.ts';
import { defaultDevices, networkCard, scsiController } from './devices.ts';
import { makeMac, makeUuid } from './identifiers.ts';
import type { DiskSlot } from './make-disk.ts';
import { createDisk } from './make-disk.ts';
import type { Places } from './places.ts';
import { addFolder, childrenOf } from './entity.ts';
import { powerOn } from './power.ts';
import { escapeName, freeFolder, registerVm, writeVmFiles } from './provision.ts';
import type { Site } from './site.ts';
import { Vm } from './vm.ts';

const controllerTypes: Readonly<Record<Exclude<ControllerType, 'ide'>, string>> = {
  pvscsi: 'ParaVirtualSCSIController',
  lsilogic: 'VirtualLsiLogicController',
  'lsilogic-sas': 'VirtualLsiLogicSASController',
  buslogic: 'VirtualBusLogicController',
  sata: 'VirtualAHCIController',
  nvme: 'VirtualNVMEController',
};

/** Makes a VM out of a scenario, with its disks filled. */
export async function addVm(site: Site, places: Places, wanted: VmScenario): Promise<Vm> {
  const datastoreName = wanted.datastore ?? [...site.datastores.keys()][0]!;
  const name = escapeName(wanted.name);
  const folderName = freeFolder(site, datastoreName, name);
  const network = [...places.networks][0]!;
  const vm = new Vm({
    ref: site.inventory.nextRef('VirtualMachine', 'vm'),
    name,
    datastoreName,
    folderName,
    vmxPath: `[${datastoreName}] ${folderName}/${folderName}.vmx`,
    uuid: wanted.uuid ?? makeUuid(site.random).replace(/^......../, '564d0c0f'),
    instanceUuid: wanted.instanceUuid ?? makeUuid(site.random).replace(/^......../, '50200c0f'),
    hardware: {
      numCPUs: wanted.numCPUs ?? 1,
      numCoresPerSocket: 1,
      memoryMB: wanted.memoryMB ?? 1024,
      guestId: wanted.guestId ?? 'debian12_64Guest',
      version: 'vmx-19',
      firmware: wanted.firmware ?? 'bios',
      annotation: '',
    },
    parent: folderAt(site, places, wanted.folder ?? ''),
    pool: places.pool,
    host: places.hosts[0]!,
    devices: [
      ...defaultDevices(),
      networkCard(4000, { name: network[0], ref: network[1] }, makeMac(site.random)),
    ],
  });
  for (const [key, value] of Object.entries(wanted.extraConfig ?? {}))
    vm.extraConfig.set(key, value);
  await site.makeFolder(datastoreName, folderName);
  for (let bus = 0; bus < (wanted.scsiControllers ?? 1); bus++)
    controllerFor(vm, wanted.disks[0]?.controller ?? 'pvscsi', bus);
  for (const disk of wanted.disks) await addScenarioDisk(site, vm, disk);
  vm.changeTrackingEnabled = wanted.changeTracking ?? false;
  await writeVmFiles(site, vm);
  registerVm(site, vm);
  if (wanted.poweredOn === true) await powerOn(site, vm);
  return vm;
}

export async function addScenarioDisk(site: Site, vm: Vm, disk: DiskScenario): Promise<number> {
  const controller = controllerFor(vm, disk.controller ?? 'pvscsi', disk.bus);
  const slot: DiskSlot = { controller, unit: disk.unit ?? freeUnit(vm, controller) };
  const fileName =
    disk.datastore === undefined
      ? {}
      : { fileName: await otherDatastoreName(site, vm, disk.datastore) };
  const made = await createDisk(site, vm, {
    slot,
    sizeBytes: disk.sizeBytes,
    thin: disk.thin ?? true,
    eagerlyScrub: disk.eagerlyScrub ?? false,
    mode: disk.mode ?? 'persistent',
    ...(disk.backing === undefined ? {} : { backing: disk.backing }),
    ...(disk.sharing === undefined ? {} : { sharing: disk.sharing }),
    ...(disk.uuid === undefined ? {} : { uuid: disk.uuid }),
    ...(disk.fill === undefined ? {} : { fill: disk.fill }),
    ...fileName,
  });
  return made.key;
}

async function otherDatastoreName(site: Site, vm: Vm, datastore: string): Promise<string> {
  await site.makeFolder(datastore, vm.folderName);
  for (let i = 0; ; i++) {
    const name = `[${datastore}] ${vm.folderName}/${vm.folderName}${i === 0 ? '' : `_${i}`}.vmdk`;
    if (!site.files.has(name)) return name;
  }
}

function controllerFor(vm: Vm, kind: ControllerType, bus = 0): Device {
  if (kind === 'ide') return vm.controller(200 + bus)!;
  const type = controllerTypes[kind];
  const found = vm.devices.find((device) => device.$type === type && device.busNumber === bus);
  if (found !== undefined) return found;
  const made =
    kind === 'sata' || kind === 'nvme'
      ? {
          ...scsiController(type, bus),
          key: (kind === 'sata' ? 15_000 : 31_000) + bus,
          deviceInfo: { label: `${kind.toUpperCase()} controller ${bus}`, summary: kind },
        }
      : scsiController(type, bus);
  vm.devices = [...vm.devices, made];
  return made;
}

function freeUnit(vm: Vm, controller: Device): number {
  let unit = 0;
  const taken = (at: number): boolean =>
    at === 7 ||
    vm.disks.some((disk) => disk.controllerKey === controller.key && disk.unitNumber === at);
  while (taken(unit)) unit++;
  return unit;
}

function folderAt(site: Site, places: Places, path: string): Ref {
  let at = places.vmFolder;
  for (const step of path.split('/').filter((part) => part !== '')) {
    const found = childrenOf(site.inventory, at).find(
      (child) => child.type === 'Folder' && site.inventory.get(child).read['name']?.() === step,
    );
    if (found === undefined) {
      const self = site.inventory.nextRef('Folder', 'group-v');
      addFolder(site.inventory, {
        self,
        name: step,
        parent: at,
        childType: ['Folder', 'VirtualMachine'],
      });
      at = self;
    } else at = found;
  }
  return at;
}
