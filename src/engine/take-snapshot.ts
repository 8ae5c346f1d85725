import { ColdframeError } from '#core/error.ts';
import type { Consistency } from '#core/restore-point.ts';
import type { VmDetails } from '#core/vm.ts';

import type { Effects } from './effects.ts';
import { faultName } from './fault-name.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';
import type { BackupOptions } from './requests.ts';

export interface BackupSnapshot {
  readonly moref: string;
  readonly createdAtMs: number;
  readonly consistency: Consistency;
  readonly warnings: readonly string[];
}

export interface SnapshotJob {
  readonly connection: VsphereConnection;
  readonly effects: Effects;
  readonly vm: VmDetails;
  readonly quiesce: BackupOptions['quiesce'];
  /** How often quiescing is tried again. */
  readonly quiesceRetries: number;
  readonly taskId: string;
}

const defaultRetryMs = 60_000;

/** Faults that say that the guest could not be quiesced. */
const quiesceFaults = new Set([
  'ApplicationQuiesceFault',
  'FilesystemQuiesceFault',
  'QuiesceDatastoreIOForHAFailed',
  'SnapshotFault',
]);

/** Takes the backup's snapshot: quiesced where that is possible, never with memory, marked as ours. */
export async function takeSnapshot(
  context: EngineContext,
  job: SnapshotJob,
  signal: AbortSignal,
): Promise<BackupSnapshot> {
  const { vm, quiesce } = job;
  if (vm.powerState !== 'poweredOn')
    return create(context, { ...job, quiesced: false, consistency: 'powered-off' }, signal);
  const canQuiesce = vm.toolsRunning;
  if (quiesce === 'required' && !canQuiesce)
    throw new ColdframeError(
      'not-eligible',
      `${vm.identity.name} must be quiesced for this job, but VMware Tools is not running in it. Start it, or let the job take crash-consistent backups.`,
    );
  if (quiesce === 'off' || !canQuiesce)
    return create(context, { ...job, quiesced: false, consistency: 'crash' }, signal);
  try {
    return await quiesced(context, job, signal);
  } catch (error) {
    if (quiesce === 'required' || !isQuiesceFailure(error)) throw error;
    const warning = `The guest could not be quiesced (${error.message}); the backup is crash-consistent.`;
    context.log.warn(warning);
    await job.effects.undoKind('snapshot'); // a failed snapshot may have left something
    const snapshot = await create(
      context,
      { ...job, quiesced: false, consistency: 'crash' },
      signal,
    );
    return { ...snapshot, warnings: [warning] };
  }
}

/** What keeps a guest from being quiesced, such as a busy disk or another backup, often passes. */
async function quiesced(
  context: EngineContext,
  job: SnapshotJob,
  signal: AbortSignal,
): Promise<BackupSnapshot> {
  const { quiesceRetryMs = defaultRetryMs } = context;
  for (let left = job.quiesceRetries; ; left--)
    try {
      return await create(context, { ...job, quiesced: true, consistency: 'file-system' }, signal);
    } catch (error) {
      if (left <= 0 || !isQuiesceFailure(error)) throw error;
      context.log.warn(`The guest could not be quiesced (${error.message}); it is tried again.`);
      await job.effects.undoKind('snapshot');
      await context.clock.sleep(quiesceRetryMs, signal);
    }
}

async function create(
  context: EngineContext,
  job: SnapshotJob & { readonly quiesced: boolean; readonly consistency: Consistency },
  signal: AbortSignal,
): Promise<BackupSnapshot> {
  const { connection, effects, vm, taskId, quiesced, consistency } = job;
  const { moref: vmMoref, instanceUuid: vmInstanceUuid } = vm.identity;
  const name = `coldframe ${taskId}`;
  const moref = await effects.make(
    'snapshot',
    { vmMoref, vmInstanceUuid, snapshotName: name },
    (entry) =>
      connection.createSnapshot(
        {
          vmMoref,
          name,
          description: `Taken by coldframe for a backup and removed after it. ${entry.marker}`,
          quiesce: quiesced,
        },
        signal,
      ),
  );
  return { moref, createdAtMs: context.clock.now(), consistency, warnings: [] };
}

function isQuiesceFailure(error: unknown): error is ColdframeError {
  return error instanceof ColdframeError && quiesceFaults.has(faultName(error));
}
