import type { VmDisk } from './vm.ts';

/** Why a snapshot cannot protect this disk; undefined when it can. */
export function protectionGap(disk: VmDisk): string | undefined {
  const { kind, mode, sharing } = disk.backing;
  if (kind === 'rdm-physical')
    return 'physical raw device mapping: vSphere takes no snapshot of it; back it up inside the guest';
  if (mode === 'independent_persistent' || mode === 'independent_nonpersistent')
    return 'independent disk: snapshots leave it out; make it dependent to protect it';
  if (sharing) return 'multi-writer disk: vSphere takes no snapshot of it';
  if (disk.controller.sharedBus)
    return 'disk on a shared SCSI bus: vSphere takes no snapshot of it';
  if (kind === 'other') return 'disk backing of a kind that coldframe does not know';
  return undefined;
}
