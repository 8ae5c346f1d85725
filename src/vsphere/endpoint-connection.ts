import { ColdframeError } from '#core/error.ts';
import type { CustomValue } from '#core/vm.ts';
import type { PrivilegeAsk } from '#core/privilege-gaps.ts';
import { attachDisks, detachDisks, listAttached, type AttachRequest } from './attached-disks.ts';
import { changedAreas, type ChangedAreasRequest } from './changed-areas.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { createVm, previewVm, type CreateVmRequest } from './create-vm.ts';
import { setCustomValues } from './custom-values.ts';
import { readDatastore } from './datastore.ts';
import { findOwnVm, findVm, type SelfIdentity, type VmQuery } from './find-vm.ts';
import { endpointUuid } from './identity.ts';
import { listVms } from './inventory.ts';
import { LiveInventory } from './live-inventory.ts';
import { destroyVm, findMarkedVms, readTraces } from './marked-vms.ts';
import { withObjectName } from './object-name.ts';
import { readNvram, writeNvram, type NvramWrite } from './nvram.ts';
import { listPlaces } from './places.ts';
import { powerOff, powerOn } from './power.ts';
import { missingPrivileges, privilegePlaces } from './privileges.ts';
import { setChangeTracking, setExtraConfig } from './settings.ts';
import { settled, type BusyObject } from './settled.ts';
import { readSnapshotContents } from './snapshot-contents.ts';
import {
  consolidate,
  createSnapshot,
  findSnapshots,
  removeSnapshot,
  revertToSnapshot,
  type LongTask,
  type SnapshotRequest,
} from './snapshots.ts';
import { VmTags } from './tags.ts';
import { TaskWatcher } from './task-watcher.ts';
import { textAt } from './value.ts';
import type { Vim } from './vim.ts';
import { readVm } from './vm-details.ts';

/** What a share of a login can do; the same for every share. */
export type EndpointConnection = ReturnType<typeof operationsOf> & AsyncDisposable;

/** One login with its task watcher, to be handed out in shares. */
export interface SharedLogin extends AsyncDisposable {
  /** vSphere has refused to renew it. */
  readonly refused: boolean;
  share(release: () => Promise<void>): EndpointConnection;
}

/** Opens under its own deadlines, since it does not belong to the first caller alone. */
export async function openEndpoint(options: ConnectionOptions): Promise<SharedLogin> {
  const signal = new AbortController().signal;
  await using stack = new AsyncDisposableStack();
  const connection = stack.use(await Connection.open(options, signal));
  const tasks = stack.use(new TaskWatcher(connection));
  const inventory = stack.use(new LiveInventory(connection));
  const uuid = await endpointUuid(connection, signal);
  const expected = options.endpoint.instanceUuid;
  if (expected !== undefined && expected !== uuid)
    throw new ColdframeError(
      'invalid-input',
      `${options.endpoint.address} is another vSphere server than the one that was added as "${options.endpoint.name}". If that is intended, add it as a new endpoint.`,
      { details: { expected, found: uuid } },
    );
  const operations = operationsOf({
    connection,
    tasks,
    inventory,
    tags: new VmTags(connection),
    endpointUuid: uuid,
  });
  const cleanup = stack.move();
  return {
    get refused() {
      return connection.refused;
    },
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
  const named = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw await withObjectName(connection, error);
    }
  };
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

    rootFolder: connection.service('rootFolder').value,

    listVms: (signal: AbortSignal) => named(listVms(vim, signal)),
    findVm: (query: VmQuery, signal: AbortSignal) => named(findVm(vim, query, signal)),
    getVm: (vmMoref: string, signal: AbortSignal) => named(readVm(vim, vmMoref, signal)),
    findOwnVm: (self: SelfIdentity, signal: AbortSignal) => named(findOwnVm(vim, self, signal)),
    getDatastore: (moref: string, signal: AbortSignal) => named(readDatastore(vim, moref, signal)),

    privilegePlaces: (signal: AbortSignal) => named(privilegePlaces(vim, signal)),
    missingPrivileges: (asks: readonly PrivilegeAsk[], signal: AbortSignal) =>
      named(missingPrivileges(vim, asks, signal)),

    createSnapshot: (request: SnapshotRequest, signal: AbortSignal) =>
      named(createSnapshot(vim, request, signal)),
    snapshotContents: (vmMoref: string, snapshotMoref: string, signal: AbortSignal) =>
      named(readSnapshotContents(vim, { vmMoref, snapshotMoref }, signal)),
    findSnapshots: (vmMoref: string, signal: AbortSignal) =>
      named(findSnapshots(vim, vmMoref, signal)),
    removeSnapshot: (snapshotMoref: string, options: LongTask) =>
      named(removeSnapshot(vim, snapshotMoref, options)),
    revertToSnapshot: (snapshotMoref: string, options: LongTask) =>
      named(revertToSnapshot(vim, snapshotMoref, options)),
    consolidate: (vmMoref: string, options: LongTask) => named(consolidate(vim, vmMoref, options)),
    changedAreas: (request: ChangedAreasRequest, signal: AbortSignal) =>
      named(changedAreas(vim, request, signal)),
    setChangeTracking: (vmMoref: string, enabled: boolean, signal: AbortSignal) =>
      named(setChangeTracking(vim, { vmMoref, enabled }, signal)),
    readNvram: (vmMoref: string, signal: AbortSignal) => named(readNvram(vim, vmMoref, signal)),
    writeNvram: (write: NvramWrite, signal: AbortSignal) => named(writeNvram(vim, write, signal)),

    attachDisks: (request: AttachRequest, signal: AbortSignal) =>
      named(attachDisks(vim, request, signal)),
    detachDisks: (vmMoref: string, keys: readonly number[], signal: AbortSignal) =>
      named(detachDisks(vim, { vmMoref, keys }, signal)),
    listAttached: (vmMoref: string, signal: AbortSignal) =>
      named(listAttached(vim, vmMoref, signal)),

    settled: (object: BusyObject, signal: AbortSignal) => named(settled(vim, object, signal)),

    powerOff: (vmMoref: string, signal: AbortSignal) => named(powerOff(vim, vmMoref, signal)),
    powerOn: (vmMoref: string, signal: AbortSignal) => named(powerOn(vim, vmMoref, signal)),
    createVm: (request: CreateVmRequest, signal: AbortSignal) =>
      named(createVm(vim, request, signal)),
    listPlaces: (signal: AbortSignal) => named(listPlaces(vim, signal)),
    previewVm: (request: Omit<CreateVmRequest, 'marker'>, signal: AbortSignal) =>
      named(previewVm(vim, request, signal)),
    setCustomValues: (vmMoref: string, values: readonly CustomValue[], signal: AbortSignal) =>
      named(setCustomValues(vim, { vmMoref, values }, signal)),
    findMarkedVms: (marker: string, signal: AbortSignal) =>
      named(findMarkedVms(vim, marker, signal)),
    readTraces: (signal: AbortSignal) => named(readTraces(vim, signal)),
    setExtraConfig: (vmMoref: string, key: string, value: string, signal: AbortSignal) =>
      named(setExtraConfig(vim, { vmMoref, key, value }, signal)),
    destroyVm: (vmMoref: string, signal: AbortSignal) => named(destroyVm(vim, vmMoref, signal)),
  } as const;
}
