import { rm, writeFile } from 'node:fs/promises';
import { VimFault } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';
import { defaultDevices } from './devices.ts';
import { makeUuid } from './identifiers.ts';
import { demandLock } from './locks.ts';
import type { Places } from './places.ts';
import { childrenOf } from './entity.ts';
import { applyDeviceChanges } from './device-changes.ts';
import type { ConfigSpec } from './reconfigure.ts';
import { applyFields } from './reconfigure.ts';
import type { Site } from './site.ts';
import { splitDatastorePath } from './site.ts';
import { snapshotObject, vmObject } from './vm-object.ts';
import { Vm } from './vm.ts';

export interface VmPlace {
  readonly folder: Ref;
  readonly pool: Ref;
  readonly host: Ref;
}

/** vCenter keeps `%`, `/` and `\` escaped in names. */
export function escapeName(name: string): string {
  return name
    .replace(/%(?!25|2f|5c)/gi, '%25')
    .replaceAll('/', '%2f')
    .replaceAll('\\', '%5c');
}

export function checkNewName(site: Site, folder: Ref, name: string): void {
  const clash = childrenOf(site.inventory, folder).find(
    (child) => site.inventory.get(child).read['name']?.() === name,
  );
  if (clash !== undefined)
    throw new VimFault('DuplicateName', `The name '${name}' already exists.`, {
      name,
      object: clash,
    });
}

/** CreateVM_Task: a VM with the default devices, then the specification's changes. */
export async function createVm(site: Site, place: VmPlace, spec: ConfigSpec): Promise<Vm> {
  const name = escapeName(spec.name ?? '');
  const { datastore, path } = splitDatastorePath(spec.files?.vmPathName ?? '');
  if (!site.datastores.has(datastore))
    throw new VimFault('InvalidDatastorePath', `Datastore ${datastore} does not exist`, {
      datastorePath: spec.files?.vmPathName ?? '',
    });
  const folderName = path === '' ? freeFolder(site, datastore, name) : path.split('/')[0]!;
  const vm = new Vm({
    ref: site.inventory.nextRef('VirtualMachine', 'vm'),
    name,
    datastoreName: datastore,
    folderName,
    vmxPath: path.endsWith('.vmx')
      ? `[${datastore}] ${path}`
      : `[${datastore}] ${folderName}/${folderName}.vmx`,
    uuid: makeUuid(site.random),
    instanceUuid: makeUuid(site.random),
    hardware: {
      numCPUs: 1,
      numCoresPerSocket: 1,
      memoryMB: 32,
      guestId: 'otherLinux64Guest',
      version: 'vmx-19',
      firmware: 'bios',
      annotation: '',
    },
    parent: place.folder,
    pool: place.pool,
    host: place.host,
    devices: defaultDevices(),
  });
  await site.makeFolder(datastore, folderName);
  await applyDeviceChanges(site, vm, spec.deviceChange ?? []);
  applyFields(vm, { ...spec, name });
  vm.changeTrackingEnabled = spec.changeTrackingEnabled ?? false;
  await writeVmFiles(site, vm);
  registerVm(site, vm);
  return vm;
}

/** Puts a VM into the inventory. */
export function registerVm(site: Site, vm: Vm): void {
  site.vms.set(vm.ref.value, vm);
  site.inventory.add(vmObject(vm, site));
  for (const snapshot of vm.allSnapshots()) site.inventory.add(snapshotObject(snapshot, vm));
}

export function unregisterVm(site: Site, vm: Vm): void {
  for (const snapshot of vm.allSnapshots()) site.inventory.remove(snapshot.ref);
  site.vms.delete(vm.ref.value);
  site.inventory.remove(vm.ref);
}

/** The small files beside the disks: configuration and NVRAM. */
export async function writeVmFiles(site: Site, vm: Vm): Promise<void> {
  const vmx = `displayName = "${vm.name}"\nuuid.bios = "${vm.uuid}"\nvc.uuid = "${vm.instanceUuid}"\n`;
  await writeFile(site.hostPath(vm.vmxPath), vmx);
  const nvram = Buffer.concat([Buffer.from('MRVN'), site.random.bytes(8680)]);
  await writeFile(site.hostPath(nvramPath(vm)), nvram);
}

export function nvramPath(vm: Vm): string {
  return vm.vmxPath.replace(/\.vmx$/, '.nvram');
}

/** Destroy_Task: all files of a VM that is off, unless somebody holds one. */
export async function destroyVm(site: Site, vm: Vm): Promise<void> {
  const owned = vm.disks.filter((disk) => disk.owned);
  const chains = owned.map((disk) => disk.leaf.chain());
  for (const file of chains.flat()) demandLock(site, file, { holder: vm, mode: 'write' });
  const files = new Set([
    ...chains.flat(),
    ...vm.allSnapshots().flatMap((each) => [...each.disks.values()].map((held) => held.file)),
  ]);
  unregisterVm(site, vm);
  for (const file of files) await site.files.delete(file);
  await rm(site.hostPath(vm.vmxPath), { force: true });
  await rm(site.hostPath(nvramPath(vm)), { force: true });
}

export function freeFolder(site: Site, datastore: string, name: string): string {
  const base = name.replaceAll(/[^\w.-]+/g, '_') || 'vm';
  const used = new Set(
    [...site.vms.values()]
      .filter((vm) => vm.datastoreName === datastore)
      .map((vm) => vm.folderName),
  );
  let folder = base;
  for (let i = 1; used.has(folder); i++) folder = `${base}_${i}`;
  return folder;
}

export function placeIn(places: Places, folder: Ref, asked: { pool?: Ref; host?: Ref }): VmPlace {
  return { folder, pool: asked.pool ?? places.pool, host: asked.host ?? places.hosts[0]! };
}
