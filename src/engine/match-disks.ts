import { diskLabel } from '#core/disk-label.ts';
import { ColdframeError } from '#core/error.ts';
import { unfinishedRestoreKey, unfinishedVmKey } from '#core/own-settings.ts';
import type { ArchivedDisk, RestorePoint } from '#core/restore-point.ts';
import type { VmDetails, VmDisk } from '#core/vm.ts';

/** Slot labels of the VM's disks that somebody has chosen, by label in the restore point. */
export type ChosenDisks = Readonly<Record<string, string>>;

/**
 * Which disk of the VM each archived disk goes to: the one that was chosen, else the one with its
 * uuid; for a disk that had none, the one in its slot. Throws 'not-eligible' for anything that does
 * not fit exactly; nothing is guessed.
 */
export function matchDisks(
  disks: readonly ArchivedDisk[],
  vm: VmDetails,
  chosen: ChosenDisks = {},
): ReadonlyMap<string, VmDisk> {
  const unknown = Object.keys(chosen).find((label) => !disks.some((disk) => disk.label === label));
  if (unknown !== undefined)
    throw new ColdframeError(
      'invalid-input',
      `A target was chosen for disk ${unknown}, which is not restored. Restored are: ${disks.map(({ label }) => label).join(', ')}.`,
    );
  const targets = new Map<string, VmDisk>();
  const taken = new Map<number, string>();
  for (const disk of disks) {
    const slot = chosen[disk.label];
    const target = slot === undefined ? targetOf(disk, vm) : diskIn(slot, vm);
    const isOther = slot === undefined && isAnother(disk, target);
    const problem =
      (isOther ? otherIn(disk, target!) : misfit(disk, target)) ??
      occupied(taken.get(target?.key ?? -1));
    if (target === undefined || problem !== undefined)
      throw new ColdframeError(
        'not-eligible',
        `${disk.deviceLabel} (${disk.label}) cannot go back to ${vm.identity.name}: ${problem}. ${isOther ? `If that one is to be overwritten, choose it as the target of ${disk.label}, or restore` : 'Restore'} to a new VM instead.`,
      );
    taken.set(target.key, disk.deviceLabel);
    targets.set(disk.label, target);
  }
  return targets;
}

/** As `matchDisks`; the disks of a VM that a restore of this restore point made are known by their slots. */
export function targetsIn(
  vm: VmDetails,
  {
    point,
    disks,
    chosen,
  }: {
    readonly point: RestorePoint;
    readonly disks: readonly ArchivedDisk[];
    readonly chosen?: ChosenDisks | undefined;
  },
): ReadonlyMap<string, VmDisk> {
  if (!isUnfinishedCopy(vm, point.header.id)) return matchDisks(disks, vm, chosen);
  return matchDisks(disks, vm, Object.fromEntries(disks.map(({ label }) => [label, label])));
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
  return diskIn(disk.label, vm);
}

function diskIn(slot: string, vm: VmDetails): VmDisk | undefined {
  return vm.disks.find((each) => diskLabel(each) === slot);
}

function isAnother(disk: ArchivedDisk, target: VmDisk | undefined): boolean {
  return (
    target !== undefined &&
    disk.uuid !== '' &&
    target.uuid.toLowerCase() !== disk.uuid.toLowerCase()
  );
}

function otherIn(disk: ArchivedDisk, target: VmDisk): string {
  return (
    `it was ${disk.backing.fileName}, and in its slot is another disk now, ${target.backing.fileName}, ` +
    'whose data would be lost; put the old disk back there first if you still have it'
  );
}

function misfit(disk: ArchivedDisk, target: VmDisk | undefined): string | undefined {
  if (target === undefined) return 'the VM has no such disk any more';
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
