import type { RepositoryConfig } from '#core/config.ts';
import type { EndpointWithPassword } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { ExtentList } from '#core/extents.ts';
import type { RestoreOrder, RestoreResult } from '#core/mover-orders.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { VmDetails, VmDisk } from '#core/vm.ts';

import type { Effects } from './effects.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';
import { closeVddk, reachDisks } from './reach-disks.ts';
import type { RestoreRequest, TaskWatch } from './requests.ts';
import { snapshotToWriteBelow } from './snapshot-below.ts';
import { isUntouched, TransportAttempts, type ChosenTransport } from './transport-attempts.ts';

export interface WriteJob {
  readonly connection: VsphereConnection;
  readonly endpoint: EndpointWithPassword;
  readonly repository: RepositoryConfig;
  readonly effects: Effects;
  /** Powered off. */
  readonly vm: VmDetails;
  readonly appliance: VmDetails | undefined;
  readonly chain: readonly RestorePoint[];
  readonly targets: ReadonlyMap<string, VmDisk>;
  /** Fresh disks read as zeros. */
  readonly targetIsZero: boolean;
  readonly readBack: RestoreRequest['readBack'];
  readonly transports: RestoreRequest['transports'];
  /** By label: only these areas of the disk, and what `changedIn` maps. */
  readonly areas?: ReadonlyMap<string, ExtentList>;
  /** Made after the restore point, on top of it. */
  readonly changedIn?: readonly RestorePoint[];
  /** Read the disks first and leave alone what is as it must be. */
  readonly skipSame?: boolean;
  /** Called once, when the disks are in reach and before the first byte may be written. */
  readonly onReached?: () => Promise<void>;
}

/** Has the mover write the disks, by the next transport where one could not be opened. */
export async function writeDisks(
  context: EngineContext,
  job: WriteJob,
  watch: TaskWatch,
): Promise<RestoreResult & { readonly warnings: readonly string[] }> {
  const vddk = await context.vddk.installed();
  const disks = [...job.targets].map(([label, disk]) => ({ label, disk }));
  const { vm, appliance } = job;
  let reached = false;
  const onReached = async (): Promise<void> => {
    if (!reached) await job.onReached?.();
    reached = true;
  };
  const attempts = new TransportAttempts(
    disks,
    { policy: job.transports, vddkVersion: vddk?.version, appliance, vm, purpose: 'restore' },
    'warn',
  );
  for (;;) {
    watch.signal.throwIfAborted();
    const reaching = job.effects.nested();
    try {
      const result = await attempt(context, { ...job, attempts, reaching, onReached }, watch);
      await closeVddk(context, reaching);
      if (isOverSan(attempts.choose())) {
        await reaching.undoAll();
        requireReverted(reaching, vm);
      }
      return { ...result, warnings: attempts.warnings };
    } catch (error) {
      if (isUntouched(error)) await closeVddk(context, reaching);
      await reaching.undoAll();
      if (reaching.remains.length > 0) throw error;
      attempts.strike(error);
      context.log.warn(attempts.warnings.at(-1)!);
    } finally {
      await reaching.undoAll();
      job.effects.adopt(reaching);
    }
  }
}

/** Above a base that was written to, a snapshot makes the disks useless until it is reverted. */
function requireReverted({ remains }: Effects, { identity }: VmDetails): void {
  if (remains.length === 0) return;
  throw new ColdframeError(
    'vsphere-fault',
    `The disks of ${identity.name} were written, but they are of no use before the snapshot for it is gone: ${remains.join('; ')}. Then restore again.`,
  );
}

async function attempt(
  context: EngineContext,
  job: WriteJob & { readonly attempts: TransportAttempts; readonly reaching: Effects },
  watch: TaskWatch,
): Promise<RestoreResult> {
  const { connection, endpoint, repository, vm, chain } = job;
  const chosen = job.attempts.choose();
  const snapshotMoref = isOverSan(chosen)
    ? await snapshotToWriteBelow(job.reaching, { connection, vm, chosen }, watch.signal)
    : undefined;
  const accesses = await reachDisks(
    context,
    {
      connection,
      endpoint,
      effects: job.reaching,
      vmMoref: vm.identity.moref,
      ...(snapshotMoref === undefined ? {} : { snapshotMoref }),
      applianceMoref: job.appliance?.identity.moref,
      disks: chosen,
    },
    watch.signal,
  );
  const disks = chosen.map(({ label }) => {
    const access = accesses.get(label);
    if (access === undefined) throw new ColdframeError('internal', `Disk ${label} has no access.`);
    const { targetIsZero, skipSame = false } = job;
    const only = job.areas?.get(label);
    return { label, access, targetIsZero, skipSame, ...(only === undefined ? {} : { only }) };
  });
  await job.onReached?.();
  const folder = { root: repository.root, repositoryId: repository.id };
  const inFolder = ({ path }: RestorePoint): RestoreOrder['chain'][number] => ({
    repository: folder,
    path,
  });
  return context.mover.run(
    {
      kind: 'restore',
      chain: chain.map(inFolder),
      disks,
      readBack: job.readBack,
      ...(job.changedIn === undefined ? {} : { changedIn: job.changedIn.map(inFolder) }),
    },
    {
      signal: watch.signal,
      ...(watch.onProgress === undefined ? {} : { onProgress: watch.onProgress }),
      onLog: (level, message) => context.log[level](message),
    },
  );
}

function isOverSan(chosen: readonly ChosenTransport[]): boolean {
  return chosen.some(({ choice }) => choice === 'san');
}
