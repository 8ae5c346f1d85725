import { doubtAboutChanges } from './changes-since.ts';
import { diskLabel } from './disk-label.ts';
import { protectionGap } from './disk-protection.ts';
import { extentBytes, normaliseExtents, type ExtentList } from './extents.ts';
import type { DiskAreas } from './restore-point-marks.ts';
import type { RestorePoint, SkippedDisk } from './restore-point.ts';
import type { VmDisk } from './vm.ts';

/** What one backup reads of each disk, and why. */
export interface BackupPlan {
  /** `incremental` as soon as one disk is; the others are whole in the same archive. */
  readonly kind: 'full' | 'incremental';
  readonly parent: RestorePoint | null;
  readonly disks: readonly DiskPlan[];
  readonly skipped: readonly SkippedDisk[];
}

export type DiskPlan = FullDiskPlan | IncrementalDiskPlan;

interface DiskPlanBase {
  /** As the snapshot froze it. */
  readonly disk: VmDisk;
  readonly label: string;
  readonly reason: string;
}

export interface FullDiskPlan extends DiskPlanBase {
  readonly mode: 'full';
}

export interface IncrementalDiskPlan extends DiskPlanBase {
  readonly mode: 'incremental';
  /** Position of the parent's snapshot, to ask for changes since. */
  readonly sinceChangeId: string;
  /** Areas that are read besides, as the chain has lost them. */
  readonly heal?: ExtentList;
}

export interface BackupPlanInput {
  readonly snapshotDisks: readonly VmDisk[];
  /** Disks of the running VM: those that the snapshot left out are reported. */
  readonly vmDisks: readonly VmDisk[];
  readonly parent: ParentChoice;
}

/** The restore point to build on, or the sentence that says why there is none. */
export type ParentChoice =
  | {
      readonly point: RestorePoint;
      /** What a verification found that its chain cannot give any more. */
      readonly lost?: readonly DiskAreas[];
    }
  | { readonly point?: undefined; readonly reason: string };

/**
 * Why the next backup begins a new chain; undefined when it may build on this one.
 * `chainLength` counts the full too; `maxChainLength` only the incrementals on it.
 */
export function reasonForNewChain(
  chainLength: number,
  maxChainLength: number | undefined,
): string | undefined {
  if (maxChainLength === undefined || chainLength <= maxChainLength) return undefined;
  return maxChainLength === 0
    ? 'the job makes every backup full'
    : `the chain has ${chainLength} restore points, as many as the job allows`;
}

/** Any doubt about a disk makes that disk full; being wrong would cost data, being full costs time. */
export function planBackup(input: BackupPlanInput): BackupPlan {
  const skipped: SkippedDisk[] = [];
  const disks: DiskPlan[] = [];
  for (const disk of input.snapshotDisks) {
    const gap = protectionGap(disk);
    if (gap === undefined) disks.push(planDisk(disk, input.parent));
    else skipped.push({ key: disk.key, deviceLabel: disk.label, reason: gap });
  }
  const frozen = new Set(input.snapshotDisks.map((disk) => disk.key));
  for (const disk of input.vmDisks) {
    if (frozen.has(disk.key)) continue;
    const reason = protectionGap(disk) ?? 'the snapshot does not contain this disk';
    skipped.push({ key: disk.key, deviceLabel: disk.label, reason });
  }
  const incremental = disks.some((disk) => disk.mode === 'incremental');
  return {
    kind: incremental ? 'incremental' : 'full',
    parent: incremental ? (input.parent.point ?? null) : null,
    disks,
    skipped,
  };
}

/** Forgets the positions of these disks, so that the next backup reads them whole too. */
export function withoutPositions(plan: BackupPlan, labels: ReadonlySet<string>): BackupPlan {
  return {
    ...plan,
    disks: plan.disks.map((each) =>
      labels.has(each.label) && each.mode === 'full'
        ? { ...each, disk: withoutPosition(each.disk) }
        : each,
    ),
  };
}

export function withoutPosition(disk: VmDisk): VmDisk {
  const { changeId: _, ...others } = disk;
  return others;
}

function planDisk(disk: VmDisk, parent: ParentChoice): DiskPlan {
  const base = { disk, label: diskLabel(disk) };
  if (parent.point === undefined) return { ...base, mode: 'full', reason: parent.reason };
  const before = parent.point.header.disks.find((each) => each.label === base.label);
  const doubt = doubtAboutChanges(disk, before);
  if (doubt !== undefined) return { ...base, mode: 'full', reason: doubt };
  const lost = lostExtents(
    disk,
    parent.lost?.find(({ label }) => label === base.label),
  );
  if (extentBytes(lost) >= disk.capacityBytes)
    return { ...base, mode: 'full', reason: 'verification found this disk of the chain damaged' };
  return {
    ...base,
    mode: 'incremental',
    sinceChangeId: before!.changeId!,
    ...withHealing(
      `changed blocks since ${new Date(parent.point.header.createdAtMs).toISOString()}`,
      lost,
    ),
  };
}

function lostExtents({ capacityBytes }: VmDisk, lost: DiskAreas | undefined): ExtentList {
  const pairs = lost?.ranges.flatMap(({ offset, length }) => [offset, length]) ?? [];
  return normaliseExtents(pairs, capacityBytes);
}

function withHealing(
  reason: string,
  lost: ExtentList,
): { readonly reason: string; readonly heal?: ExtentList } {
  if (lost.length === 0) return { reason };
  const bytes = extentBytes(lost);
  return {
    reason: `${reason}, and ${bytes} bytes read again that verification found damaged`,
    heal: lost,
  };
}
