/** extraConfig keys that coldframe sets on VMs of others, so that everybody in vSphere sees them. */

/** Carries the journal marker of a VM that a restore makes, until all its disks are written. */
export const unfinishedVmKey = 'coldframe.marker';

/** Carries the restore point's id while the disks of a VM are half old, half restored. */
export const unfinishedRestoreKey = 'coldframe.unfinished-restore';
