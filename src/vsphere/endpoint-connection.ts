import { ColdframeError } from '#core/error.ts';
import { attachDisks, detachDisks, listAttached, type AttachRequest } from './attached-disks.ts';
import { changedAreas, type ChangedAreasRequest } from './changed-areas.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { createVm, type CreateVmRequest } from './create-vm.ts';
import { readDatastore } from './datastore.ts';
import { findOwnVm, findVm, type SelfIdentity, type VmQuery } from './find-vm.ts';
import { endpointUuid } from './identity.ts';
import { listVms } from './inventory.ts';
import { destroyVm, findMarkedVms } from './marked-vms.ts';
import { readNvram } from './nvram.ts';
import { powerOff, powerOn } from './power.ts';
import { setChangeTracking, setExtraConfig } from './settings.ts';
import { readSnapshotContents } from './snapshot-contents.ts';
import {
  consolidate,
  createSnapshot,
  findSnapshots,
  removeSnapshot,
  type LongTask,
  type SnapshotRequest,
} from './snapshots.ts';
import { TaskWatcher } from './task-watcher.ts';
import { textAt } from './value.ts';
import type { Vim } from './vim.ts';
import { readVm } from './vm-details.ts';

/** What a share of a login can do; the same for every share. */
export type EndpointConnection = ReturnType<typeof operationsOf> & AsyncDisposable;

/** One login with its task watcher, to be handed out in shares. */
export interface SharedLogin extends AsyncDisposable {
  share(release: () => Promise<void>): EndpointConnection;
}

/** Opens under its own deadlines, since it does not belong to the first caller alone. */
export async function openEndpoint(options: ConnectionOptions): Promise<SharedLogin> {
  const signal = new AbortController().signal;
  await using stack = new AsyncDisposableStack();
  const connection = stack.use(await Connection.open(options, signal));
  const tasks = stack.use(new TaskWatcher(connection));
  const uuid = await endpointUuid(connection, signal);
  const expected = options.endpoint.instanceUuid;
  if (expected !== undefined && expected !== uuid)
    throw new ColdframeError(
      'invalid-input',
      `${options.endpoint.address} is another vSphere server than the one that was added as "${options.endpoint.name}". If that is intended, add it as a new endpoint.`,
      { details: { expected, found: uuid } },
    );
  const operations = operationsOf({ connection, tasks, endpointUuid: uuid });
  const cleanup = stack.move();
  return {
    share(release) {
      let released = false;
      return {
        ...operations,
        async [Symbol.asyncDispose]() {
          if (released) return;
          released = true;
          await release();
        },
      };
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

function operationsOf(vim: Vim) {
  const { connection } = vim;
  return {
    about: {
      instanceUuid: vim.endpointUuid,
      fullName: textAt(connection.about, 'fullName') ?? '',
      apiType: (textAt(connection.about, 'apiType') ?? 'VirtualCenter') as
        | 'VirtualCenter'
        | 'HostAgent',
      apiVersion: textAt(connection.about, 'apiVersion') ?? '',
    },
    diskServer: {
      host: connection.address.host,
      port: connection.address.port,
      sha1: connection.leafSha1,
    },

    listVms: (signal: AbortSignal) => listVms(vim, signal),
    findVm: (query: VmQuery, signal: AbortSignal) => findVm(vim, query, signal),
    getVm: (vmMoref: string, signal: AbortSignal) => readVm(vim, vmMoref, signal),
    findOwnVm: (self: SelfIdentity, signal: AbortSignal) => findOwnVm(vim, self, signal),
    getDatastore: (moref: string, signal: AbortSignal) => readDatastore(vim, moref, signal),

    createSnapshot: (request: SnapshotRequest, signal: AbortSignal) =>
      createSnapshot(vim, request, signal),
    snapshotContents: (vmMoref: string, snapshotMoref: string, signal: AbortSignal) =>
      readSnapshotContents(vim, { vmMoref, snapshotMoref }, signal),
    findSnapshots: (vmMoref: string, signal: AbortSignal) => findSnapshots(vim, vmMoref, signal),
    removeSnapshot: (snapshotMoref: string, options: LongTask) =>
      removeSnapshot(vim, snapshotMoref, options),
    consolidate: (vmMoref: string, options: LongTask) => consolidate(vim, vmMoref, options),
    changedAreas: (request: ChangedAreasRequest, signal: AbortSignal) =>
      changedAreas(vim, request, signal),
    setChangeTracking: (vmMoref: string, enabled: boolean, signal: AbortSignal) =>
      setChangeTracking(vim, { vmMoref, enabled }, signal),
    readNvram: (vmMoref: string, signal: AbortSignal) => readNvram(vim, vmMoref, signal),

    attachDisks: (request: AttachRequest, signal: AbortSignal) => attachDisks(vim, request, signal),
    detachDisks: (vmMoref: string, keys: readonly number[], signal: AbortSignal) =>
      detachDisks(vim, { vmMoref, keys }, signal),
    listAttached: (vmMoref: string, signal: AbortSignal) => listAttached(vim, vmMoref, signal),

    powerOff: (vmMoref: string, signal: AbortSignal) => powerOff(vim, vmMoref, signal),
    powerOn: (vmMoref: string, signal: AbortSignal) => powerOn(vim, vmMoref, signal),
    createVm: (request: CreateVmRequest, signal: AbortSignal) => createVm(vim, request, signal),
    findMarkedVms: (marker: string, signal: AbortSignal) => findMarkedVms(vim, marker, signal),
    setExtraConfig: (vmMoref: string, key: string, value: string, signal: AbortSignal) =>
      setExtraConfig(vim, { vmMoref, key, value }, signal),
    destroyVm: (vmMoref: string, signal: AbortSignal) => destroyVm(vim, vmMoref, signal),
  } as const;
}
