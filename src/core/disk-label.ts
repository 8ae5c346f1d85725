import type { VmDisk } from './vm.ts';

/**
 * File-safe name of a disk inside an archive, from the slot it sits in: `scsi0-1`,
 * `nvme0-0`. A slot holds one disk, so labels are unique within a VM, and they
 * stay the same for as long as nobody moves the disk.
 */
export function diskLabel(disk: Pick<VmDisk, 'controller'>): string {
  const { kind, bus, unit } = disk.controller;
  return `${busNames[kind]}${bus}-${unit}`;
}

/** All SCSI flavours number their buses together. */
const busNames = {
  pvscsi: 'scsi',
  lsilogic: 'scsi',
  'lsilogic-sas': 'scsi',
  buslogic: 'scsi',
  sata: 'sata',
  nvme: 'nvme',
  ide: 'ide',
  other: 'disk',
} as const;
