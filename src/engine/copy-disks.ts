import type { EndpointWithPassword, RepositoryConfig } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { BackupResult, ExtraMember } from '#core/mover-orders.ts';
import type { RestorePoint, RestorePointHeader } from '#core/restore-point.ts';
import type { VmDetails } from '#core/vm.ts';

import type { DiskSource } from './disk-sources.ts';
import type { Effects } from './effects.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';
import { closeVddk, reachDisks } from './reach-disks.ts';
import type { BackupOptions, TaskWatch } from './requests.ts';
import { isUntouched } from './transport-attempts.ts';
import type { ChosenTransport, TransportAttempts } from './transport-attempts.ts';

export interface CopyJob {
  readonly connection: VsphereConnection;
  readonly endpoint: EndpointWithPassword;
  readonly repository: RepositoryConfig;
  readonly effects: Effects;
  readonly attempts: TransportAttempts;
  readonly vm: VmDetails;
  readonly appliance: VmDetails | undefined;
  readonly snapshotMoref: string;
  /** The VM is kept from migrating already. */
  readonly prepared: boolean;
  readonly path: string;
  /** The restore point's header for the transports that are tried. */
  readonly headerFor: (transports: readonly ChosenTransport[]) => RestorePointHeader;
  readonly members: readonly ExtraMember[];
  readonly sources: readonly DiskSource[];
  /** What audited disks are compared with, oldest first. */
  readonly auditAgainst?: readonly RestorePoint[];
  readonly options: BackupOptions;
}

/**
 * Has the mover copy all disks into one archive, by the next transport where one could not be
 * opened. When it returns the archive is committed and its journal entry is still open: the
 * caller closes it once the restore point is in the catalog.
 */
export async function copyDisks(
  context: EngineContext,
  job: CopyJob,
  watch: TaskWatch,
): Promise<BackupResult> {
  for (;;) {
    watch.signal.throwIfAborted();
    const chosen = job.attempts.choose();
    const reaching = job.effects.nested();
    try {
      const result = await attempt(context, { ...job, chosen, reaching }, watch);
      // The worker has closed everything in order; nothing of VDDK's is left to tidy.
      await closeVddk(context, reaching);
      return result;
    } catch (error) {
      if (isUntouched(error)) await closeVddk(context, reaching);
      await reaching.undoAll();
      await job.effects.undoKind('partial-archive');
      if (reaching.remains.length > 0) throw error;
      job.attempts.strike(error);
      context.log.warn(job.attempts.warnings.at(-1)!);
    } finally {
      await reaching.undoAll();
      job.effects.adopt(reaching);
    }
  }
}

async function attempt(
  context: EngineContext,
  job: CopyJob & { readonly chosen: readonly ChosenTransport[]; readonly reaching: Effects },
  watch: TaskWatch,
): Promise<BackupResult> {
  const { connection, endpoint, repository, effects, vm, chosen, path, options } = job;
  const accesses = await reachDisks(
    context,
    {
      connection,
      endpoint,
      effects: job.reaching,
      vmMoref: vm.identity.moref,
      snapshotMoref: job.snapshotMoref,
      applianceMoref: job.appliance?.identity.moref,
      prepared: job.prepared,
      disks: chosen,
    },
    watch.signal,
  );
  const disks = job.sources.map(({ plan, extents, audit }) => {
    const access = accesses.get(plan.label);
    if (access === undefined)
      throw new ColdframeError('internal', `Disk ${plan.label} has no access.`);
    // SAN reports allocation wrongly for VMs that had snapshots before.
    const trusted = access.kind === 'block' || !access.transports.includes('san');
    const useAllocated = plan.mode === 'full' && trusted;
    return {
      label: plan.label,
      access,
      extents,
      useAllocated,
      ...(audit === undefined ? {} : { audit }),
    };
  });
  const folder = { root: repository.root, repositoryId: repository.id };
  return effects.make('partial-archive', { repositoryId: repository.id, path }, () =>
    context.mover.run(
      {
        kind: 'backup',
        repository: folder,
        path,
        ...(job.auditAgainst === undefined
          ? {}
          : {
              auditAgainst: job.auditAgainst.map((each) => ({
                repository: folder,
                path: each.path,
              })),
            }),
        header: job.headerFor(chosen),
        members: job.members,
        disks,
        compressLevel: options.compressLevel,
        ...(repository.encryptTo === undefined ? {} : { encryptTo: repository.encryptTo }),
        ...(repository.sums === undefined ? {} : { sums: repository.sums }),
      },
      {
        signal: watch.signal,
        ...(watch.onProgress === undefined ? {} : { onProgress: watch.onProgress }),
        onLog: (level, message) => context.log[level](message),
      },
    ),
  );
}
