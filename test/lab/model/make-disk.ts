import { DiskFile } from '../disk/disk-file.ts';
import type { Fill } from '../disk/fill.ts';
import { fillDisk } from '../disk/fill.ts';
import type { Device, DiskBacking, DiskMode, VmDisk } from './devices.ts';
import { diskKey } from './devices.ts';
import { makeDiskUuid } from './identifiers.ts';
import type { Site } from './site.ts';
import { splitDatastorePath } from './site.ts';
import type { Vm } from './vm.ts';

export interface DiskSlot {
  readonly controller: Device;
  readonly unit: number;
}

export interface NewDisk {
  readonly slot: DiskSlot;
  readonly sizeBytes: number;
  readonly thin: boolean;
  readonly eagerlyScrub: boolean;
  readonly mode: DiskMode;
  readonly backing?: DiskBacking;
  readonly sharing?: string;
  readonly uuid?: string;
  /** Chosen by the lab when absent: [ds] vm/vm.vmdk, vm_1.vmdk, ... */
  readonly fileName?: string;
  /** For a chosen name; the VM's own when absent. */
  readonly datastoreName?: string | undefined;
  readonly fill?: Fill;
}

/** Makes a disk file and plugs it into the VM. */
export async function createDisk(site: Site, vm: Vm, disk: NewDisk): Promise<VmDisk> {
  const datastoreName = disk.datastoreName ?? vm.datastoreName;
  const fileName = disk.fileName ?? freeFileName(site, vm, datastoreName);
  await site.makeFolder(datastoreName, vm.folderName);
  const file = await DiskFile.open({
    fileName,
    rawPath: site.hostPath(fileName),
    sizeBytes: disk.sizeBytes,
    uuid: disk.uuid ?? makeDiskUuid(site.random),
    thin: disk.thin,
    eagerlyScrub: disk.eagerlyScrub,
  });
  site.files.add(file);
  const writable = disk.fill === undefined ? undefined : await fillDisk(file, disk.fill);
  return plugDisk(site, vm, { ...disk, file, writable, owned: true });
}

export interface PluggedDisk extends Pick<NewDisk, 'slot' | 'mode' | 'backing' | 'sharing'> {
  readonly file: DiskFile;
  readonly owned: boolean;
  readonly writable?: readonly number[] | undefined;
}

/** Plugs an existing file into a slot of the VM. */
export function plugDisk(site: Site, vm: Vm, plug: PluggedDisk): VmDisk {
  const { slot, file } = plug;
  const datastore = site.datastores.get(splitDatastorePath(file.fileName).datastore);
  if (datastore === undefined) throw new Error(`${file.fileName} is on no datastore`);
  const taken = new Set(vm.disks.map((disk) => disk.label));
  let number = 1;
  while (taken.has(`Hard disk ${number}`)) number++;
  const disk: VmDisk = {
    key: diskKey(slot.controller, slot.unit),
    controllerKey: slot.controller.key,
    unitNumber: slot.unit,
    label: `Hard disk ${number}`,
    backing: plug.backing ?? 'flat',
    sharing: plug.sharing ?? 'sharingNone',
    datastore: datastore.ref,
    owned: plug.owned,
    mode: plug.mode,
    leaf: file,
    tracker: undefined,
    writable: plug.writable,
  };
  vm.disks.push(disk);
  return disk;
}

function freeFileName(site: Site, vm: Vm, datastoreName: string): string {
  for (let i = 0; ; i++) {
    const suffix = i === 0 ? '' : `_${i}`;
    const name = `[${datastoreName}] ${vm.folderName}/${vm.folderName}${suffix}.vmdk`;
    if (!site.files.has(name)) return name;
  }
}
