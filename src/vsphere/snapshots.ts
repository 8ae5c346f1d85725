import type { SnapshotNode } from '#core/vm.ts';
import { faultOf, isUnknownMethod } from './fault.ts';
import { encodeName } from './names.ts';
import { readObject } from './properties.ts';
import { runTask } from './run-task.ts';
import { everySnapshot, snapshotNodes } from './snapshot-tree.ts';
import { awaitRunningTasks, mayHaveHappened } from './lost-answer.ts';
import { required, morefOf, type VimValue } from './value.ts';
import { snapshotRef, vmRef, type Vim } from './vim.ts';

const createDeadlineMs = 30 * 60_000; // VSS in a large guest
const removalPatienceMs = 30 * 60_000;

export interface SnapshotRequest {
  readonly vmMoref: string;
  readonly name: string;
  /** Carries the marker by which a snapshot is found whose answer was lost; unique. */
  readonly description: string;
  readonly quiesce: boolean;
}

/** Removal and consolidation may run for hours: progress instead of a deadline. */
export interface LongTask {
  readonly signal: AbortSignal;
  readonly onProgress?: (percent: number) => void;
}

/** Without memory, always. Returns the snapshot's moref, also when the answer was lost. */
export async function createSnapshot(
  vim: Vim,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<string> {
  const { vmMoref, description } = request;
  try {
    return await startSnapshot(vim, request, signal);
  } catch (error) {
    if (!mayHaveHappened(error)) throw error;
    await awaitRunningTasks(vim, vmRef(vmMoref), { signal, deadlineMs: createDeadlineMs });
    const [made] = await snapshotsDescribed(vim, { vmMoref, description }, signal);
    if (made === undefined) throw error;
    vim.connection.log.info(`The answer to CreateSnapshot was lost, but ${made.moref} is there.`);
    return made.moref;
  }
}

/** CreateSnapshot_Task is deprecated but everywhere; where it has gone there is its successor. */
async function startSnapshot(
  vim: Vim,
  { vmMoref, name, description, quiesce }: SnapshotRequest,
  signal: AbortSignal,
): Promise<string> {
  const options = { signal, deadlineMs: createDeadlineMs, cancelOnAbort: true };
  const common = { _this: vmRef(vmMoref), name: encodeName(name), description, memory: false };
  let result: VimValue | undefined;
  try {
    result = await runTask(vim, 'CreateSnapshot_Task', { ...common, quiesce }, options);
  } catch (error) {
    if (!isUnknownMethod(error)) throw error;
    const quiesceSpec = quiesce ? {} : undefined;
    result = await runTask(vim, 'CreateSnapshotEx_Task', { ...common, quiesceSpec }, options);
  }
  return required(morefOf(result), 'snapshot').value;
}

/**
 * Merges the snapshot's disks down. A snapshot that is gone already is what was
 * wanted; a removal whose answer was lost is watched until the snapshot is gone.
 */
export async function removeSnapshot(
  vim: Vim,
  snapshotMoref: string,
  { signal, onProgress }: LongTask,
): Promise<void> {
  const snapshot = snapshotRef(snapshotMoref);
  try {
    await runTask(
      vim,
      'RemoveSnapshot_Task',
      { _this: snapshot, removeChildren: false, consolidate: true },
      longTask({ signal, onProgress }),
    );
  } catch (error) {
    if (isGone(error)) return;
    if (!mayHaveHappened(error)) throw error;
    const vm = await vmOfSnapshot(vim, snapshotMoref, signal);
    if (vm === undefined) return;
    await awaitRunningTasks(vim, vm, { signal });
    if ((await vmOfSnapshot(vim, snapshotMoref, signal)) !== undefined) throw error;
  }
}

/** Goes back to what the snapshot froze; again, where the answer to the first call was lost. */
export async function revertToSnapshot(
  vim: Vim,
  snapshotMoref: string,
  { signal, onProgress }: LongTask,
): Promise<void> {
  const parameters = { _this: snapshotRef(snapshotMoref), suppressPowerOn: true };
  const options = longTask({ signal, onProgress });
  try {
    await runTask(vim, 'RevertToSnapshot_Task', parameters, options);
  } catch (error) {
    if (!mayHaveHappened(error)) throw error;
    const vm = await vmOfSnapshot(vim, snapshotMoref, signal);
    if (vm === undefined) throw error;
    await awaitRunningTasks(vim, vm, { signal });
    await runTask(vim, 'RevertToSnapshot_Task', parameters, options);
  }
}

export async function consolidate(
  vim: Vim,
  vmMoref: string,
  { signal, onProgress }: LongTask,
): Promise<void> {
  const vm = vmRef(vmMoref);
  try {
    await runTask(vim, 'ConsolidateVMDisks_Task', { _this: vm }, longTask({ signal, onProgress }));
  } catch (error) {
    if (!mayHaveHappened(error)) throw error;
    await awaitRunningTasks(vim, vm, { signal });
    const { values } = await readObject(vim.connection, vm, {
      paths: ['runtime.consolidationNeeded'],
      signal,
    });
    if (values['runtime.consolidationNeeded'] === true) throw error;
  }
}

export async function findSnapshots(
  vim: Vim,
  vmMoref: string,
  signal: AbortSignal,
): Promise<readonly SnapshotNode[]> {
  const { values } = await readObject(vim.connection, vmRef(vmMoref), {
    paths: ['snapshot'],
    signal,
  });
  return snapshotNodes(values['snapshot']);
}

async function snapshotsDescribed(
  vim: Vim,
  { vmMoref, description }: { readonly vmMoref: string; readonly description: string },
  signal: AbortSignal,
): Promise<readonly SnapshotNode[]> {
  const all = [...everySnapshot(await findSnapshots(vim, vmMoref, signal))];
  return all.filter((snapshot) => snapshot.description === description);
}

async function vmOfSnapshot(vim: Vim, snapshotMoref: string, signal: AbortSignal) {
  try {
    const { values } = await readObject(vim.connection, snapshotRef(snapshotMoref), {
      paths: ['vm'],
      signal,
    });
    return morefOf(values['vm']);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function longTask({
  signal,
  onProgress,
}: {
  signal: AbortSignal;
  onProgress: LongTask['onProgress'];
}) {
  return {
    signal,
    busyPatienceMs: removalPatienceMs,
    ...(onProgress === undefined ? {} : { onProgress }),
  };
}

function isGone(error: unknown): boolean {
  return faultOf(error) === 'ManagedObjectNotFound';
}
