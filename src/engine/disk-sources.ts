import type { BackupPlan, DiskPlan } from '#core/backup-plan.ts';
import { ColdframeError } from '#core/error.ts';
import { extentBytes, wholeDisk, type ExtentList } from '#core/extents.ts';

import { faultName } from './fault-name.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';

/** What is read of one disk. */
export interface DiskSource {
  readonly plan: DiskPlan;
  readonly extents: ExtentList;
}

export interface DiskSources {
  /** As the plan, except that a disk whose changes are not to be had has become full. */
  readonly plan: BackupPlan;
  readonly sources: readonly DiskSource[];
  readonly expectedBytes: number;
}

/** vSphere's ways to say that it does not know what changed. */
const changesUnknown = new Set(['FileFault', 'FileNotFound', 'InvalidArgument', 'NotFound']);

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
      return { plan, extents };
    } catch (error) {
      if (!isUnknown(error)) throw error;
      const reason = `vSphere does not know what changed on this disk (${error.message})`;
      context.log.warn(`${disk.label} is read whole: ${reason}`);
      return {
        plan: { disk, label: plan.label, mode: 'full', reason },
        extents: wholeDisk(disk.capacityBytes),
      };
    }
  }
}

function isUnknown(error: unknown): error is ColdframeError {
  if (!(error instanceof ColdframeError)) return false;
  // Areas that make no sense are doubt too, and doubt means full.
  return changesUnknown.has(faultName(error)) || error.code === 'invalid-input';
}
