import { diskLabel } from '#core/disk-label.ts';
import { ColdframeError } from '#core/error.ts';
import { unfinishedRestoreKey, unfinishedVmKey } from '#core/own-settings.ts';
import type { ArchivedDisk, RestorePoint } from '#core/restore-point.ts';
import type { VmDetails, VmDisk } from '#core/vm.ts';

/**
 * Which disk of the VM each archived disk goes to: the one with its uuid; for a disk that had
 * none, the one in its slot. Throws 'not-eligible' for anything that does not fit exactly; nothing is guessed.
 */
export function matchDisks(
  disks: readonly ArchivedDisk[],
  vm: VmDetails,
): ReadonlyMap<string, VmDisk> {
  const targets = new Map<string, VmDisk>();
  const taken = new Map<number, string>();
  for (const disk of disks) {
    const target = targetOf(disk, vm);
    const problem = misfit(disk, target) ?? occupied(taken.get(target?.key ?? -1));
    if (target === undefined || problem !== undefined)
      throw new ColdframeError(
        'not-eligible',
        `${disk.deviceLabel} (${disk.label}) cannot go back to ${vm.identity.name}: ${problem}. Restore to a new VM instead.`,
      );
    taken.set(target.key, disk.deviceLabel);
    targets.set(disk.label, target);
  }
  return targets;
}

/** As `matchDisks`; the disks of a VM that a restore of this restore point made are known by their slots. */
export function targetsIn(
  vm: VmDetails,
  { point, disks }: { readonly point: RestorePoint; readonly disks: readonly ArchivedDisk[] },
): ReadonlyMap<string, VmDisk> {
  if (!isUnfinishedCopy(vm, point.header.id)) return matchDisks(disks, vm);
  const bySlot = disks.map((disk) => ({ ...disk, uuid: '' }));
  return matchDisks(bySlot, vm);
}

/** Whether a restore of this restore point made the VM and did not finish it. */
export function isUnfinishedCopy({ extraConfig }: VmDetails, restorePointId: string): boolean {
  return (
    (extraConfig.get(unfinishedVmKey) ?? '') !== '' &&
    extraConfig.get(unfinishedRestoreKey) === restorePointId
  );
}

/** The VM's disks that nothing is written to, in sentences for people. */
export function disksLeftAlone(
  targets: ReadonlyMap<string, VmDisk>,
  vm: VmDetails,
): readonly string[] {
  const written = new Set([...targets.values()].map(({ key }) => key));
  return vm.disks
    .filter(({ key }) => !written.has(key))
    .map(
      (disk) => `${disk.label} (${diskLabel(disk)}) of the VM is not restored and stays as it is.`,
    );
}

function targetOf(disk: ArchivedDisk, vm: VmDetails): VmDisk | undefined {
  const sameUuid = vm.disks.filter(
    ({ uuid }) => uuid !== '' && uuid.toLowerCase() === disk.uuid.toLowerCase(),
  );
  if (sameUuid.length === 1) return sameUuid[0];
  return vm.disks.find((each) => diskLabel(each) === disk.label);
}

function misfit(disk: ArchivedDisk, target: VmDisk | undefined): string | undefined {
  if (target === undefined) return 'the VM has no such disk any more';
  if (disk.uuid !== '' && target.uuid.toLowerCase() !== disk.uuid.toLowerCase())
    return (
      `it was ${disk.backing.fileName}, and in its slot is another disk now, ${target.backing.fileName}, ` +
      'whose data would be lost; put the old disk back there first if you still have it'
    );
  if (target.capacityBytes !== disk.capacityBytes)
    return `it had ${disk.capacityBytes} bytes and ${target.label} has ${target.capacityBytes}`;
  const { mode, kind, sharing } = target.backing;
  if (mode !== 'persistent') return `${target.label} is in mode ${mode}`;
  if (kind === 'rdm-physical' || kind === 'other') return `${target.label} is no virtual disk`;
  if (sharing || target.controller.sharedBus) return `${target.label} is shared with other VMs`;
  return undefined;
}

function occupied(by: string | undefined): string | undefined {
  return by === undefined ? undefined : `its target is the one of ${by} already`;
}
