import type { DiskFile } from '../disk/disk-file.ts';
import { fileFault } from '../soap/fault.ts';
import type { Site } from './site.ts';
import type { Vm } from './vm.ts';

export interface Lock {
  readonly holder: Vm;
  readonly mode: 'read' | 'write';
}

/** Locks follow from state: running VMs hold their disks, the leaf for writing and its parents for reading. */
export function locksOn(site: Site, file: DiskFile): Lock[] {
  const locks: Lock[] = [];
  for (const vm of site.vms.values()) {
    if (vm.power !== 'poweredOn') continue;
    for (const disk of vm.disks)
      for (const at of disk.leaf.chain())
        if (at === file) {
          const writes = at === disk.leaf && disk.mode !== 'independent_nonpersistent';
          locks.push({ holder: vm, mode: writes ? 'write' : 'read' });
        }
  }
  return locks;
}

/** Throws FileLocked when another VM's lock is in the way of `mode`. */
export function demandLock(site: Site, file: DiskFile, wanted: Lock): void {
  const others = locksOn(site, file).filter((lock) => lock.holder !== wanted.holder);
  const blocking =
    wanted.mode === 'write' ? others[0] : others.find((lock) => lock.mode === 'write');
  if (blocking !== undefined) throw lockedFault(file, blocking.holder);
}

export function lockedFault(file: DiskFile, holder: Vm): Error {
  return fileFault(
    'FileLocked',
    `Unable to access file ${file.fileName} since it is locked by ${holder.name}`,
    file.fileName,
  );
}
