import { withoutPosition, type BackupPlan, type DiskPlan } from '#core/backup-plan.ts';
import { ColdframeError, type ErrorCode } from '#core/error.ts';
import { extentBytes, unionExtents, wholeDisk, type ExtentList } from '#core/extents.ts';

import { faultName } from './fault-name.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';

/** What is read of one disk. */
export interface DiskSource {
  readonly plan: DiskPlan;
  readonly extents: ExtentList;
  /** What is looked at although it is said to be unchanged. */
  readonly audit?: ExtentList;
}

export interface DiskSources {
  /** As the plan, except that a disk whose changes are not to be had has become full. */
  readonly plan: BackupPlan;
  readonly sources: readonly DiskSource[];
  readonly expectedBytes: number;
}

/**
 * vSphere answered, and not with areas that can be believed: doubt about a disk means reading it
 * whole. No answer, a refusal and a cancelled task say nothing about the disk and end the task.
 */
const doubtCodes: ReadonlySet<ErrorCode> = new Set([
  'vsphere-fault',
  'invalid-input',
  'not-found',
  'busy',
]);

/** Asks for the changed areas of every incremental disk. */
export async function findDiskSources(
  context: EngineContext,
  job: {
    readonly connection: VsphereConnection;
    readonly vmMoref: string;
    readonly snapshotMoref: string;
    readonly plan: BackupPlan;
  },
  signal: AbortSignal,
): Promise<DiskSources> {
  const sources: DiskSource[] = [];
  for (const plan of job.plan.disks) sources.push(await sourceOf(plan));
  const disks = sources.map((source) => source.plan);
  const incremental = disks.some(({ mode }) => mode === 'incremental');
  return {
    plan: {
      ...job.plan,
      disks,
      kind: incremental ? 'incremental' : 'full',
      parent: incremental ? job.plan.parent : null,
    },
    sources,
    expectedBytes: sources.reduce((sum, { extents }) => sum + extentBytes(extents), 0),
  };

  async function sourceOf(plan: DiskPlan): Promise<DiskSource> {
    const { disk } = plan;
    if (plan.mode === 'full') return { plan, extents: wholeDisk(disk.capacityBytes) };
    try {
      const extents = await job.connection.changedAreas(
        {
          vmMoref: job.vmMoref,
          snapshotMoref: job.snapshotMoref,
          deviceKey: disk.key,
          capacityBytes: disk.capacityBytes,
          changeId: plan.sinceChangeId,
        },
        signal,
      );
      return {
        plan,
        extents: plan.heal === undefined ? extents : unionExtents(extents, plan.heal),
      };
    } catch (error) {
      if (!isDoubtAboutDisk(error)) throw error;
      const reason = `vSphere does not know what changed on this disk (${error.message})`;
      context.log.warn(`${disk.label} is read whole: ${reason}`);
      return {
        // A tracker that failed once is not built on: the next backup resets it.
        plan: {
          disk: error.code === 'busy' ? disk : withoutPosition(disk),
          label: plan.label,
          mode: 'full',
          reason,
        },
        extents: wholeDisk(disk.capacityBytes),
      };
    }
  }
}

/** vSphere's answer leaves the disk in doubt, and nothing else. */
export function isDoubtAboutDisk(error: unknown): error is ColdframeError {
  // A VM or snapshot that is gone cannot be read whole either.
  if (!(error instanceof ColdframeError) || faultName(error) === 'ManagedObjectNotFound')
    return false;
  return doubtCodes.has(error.code);
}
