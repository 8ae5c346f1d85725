import type { EndpointWithPassword } from '#core/config.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { JournalEntry } from '#core/journal.ts';
import { findStrays, type Stray, type StrayReleaseView } from '#core/strays.ts';

import { claimVm } from './claim-vm.ts';
import { consolidateIfNeeded } from './consolidate.ts';
import { findAppliance } from './look-at-vm.ts';
import type { EngineContext, JournalPort, VsphereConnection } from './ports.ts';

/** The journal with what it still knows of entries that were undone. */
export interface StrayContext extends EngineContext {
  readonly journal: JournalPort & {
    /** Newest first. */
    history(limit: number): Promise<readonly JournalEntry[]>;
  };
}

export interface StrayRequest {
  readonly endpoint: EndpointWithPassword;
  readonly foreignAfterDays: number;
}

const historyRead = 5000;

/** Looks at every VM of one endpoint for what no open journal entry accounts for; changes nothing. */
export async function listStrays(
  context: StrayContext,
  { endpoint, foreignAfterDays }: StrayRequest,
  signal: AbortSignal,
): Promise<readonly Stray[]> {
  await using connection = await context.vsphere.connect(endpoint, signal);
  return await sweep(context, { connection, endpointId: endpoint.id, foreignAfterDays }, signal);
}

/**
 * Releases what is provably ours, and of the rest only what is named and may be released at all.
 * Everything is looked for anew, so that nothing is done on an old report. Disks go before the
 * snapshots that they hold open.
 */
export async function releaseStrays(
  context: StrayContext,
  request: StrayRequest & { readonly ids: readonly string[] | undefined },
  signal: AbortSignal,
): Promise<Omit<StrayReleaseView, 'unreachable'>> {
  const { endpoint, ids } = request;
  await using connection = await context.vsphere.connect(endpoint, signal);
  const all = await sweep(context, { ...request, connection, endpointId: endpoint.id }, signal);
  const wanted = all.filter(({ id, release }) =>
    ids === undefined ? release === 'ours' : release !== 'never' && ids.includes(id),
  );
  const released: Stray[] = [];
  const left: { stray: Stray; reason: string }[] = [];
  for (const stray of wanted)
    try {
      using _claim = claimVm(context, stray.vm);
      await releaseOne(context, { connection, stray }, signal);
      context.log.info(`Released: ${stray.text}`);
      released.push(stray);
    } catch (error) {
      signal.throwIfAborted();
      const reason = toErrorRecord(error).message;
      context.log.warn(`Not released: ${stray.text} ${reason}`);
      left.push({ stray, reason });
    }
  return { released, left };
}

async function sweep(
  context: StrayContext,
  of: {
    readonly connection: VsphereConnection;
    readonly endpointId: string;
    readonly foreignAfterDays: number;
  },
  signal: AbortSignal,
): Promise<readonly Stray[]> {
  const { connection, endpointId, foreignAfterDays } = of;
  const vms = await connection.readTraces(signal);
  const appliance = (await findAppliance(context, connection, signal))?.identity;
  const attached =
    appliance === undefined ? [] : await connection.listAttached(appliance.moref, signal);
  return findStrays({
    endpointId,
    applianceId: context.applianceId,
    nowMs: context.clock.now(),
    foreignAfterDays,
    vms,
    appliance,
    attached,
    // Last, in this order: an entry that is closed meanwhile is in the one or the other.
    open: await context.journal.open(),
    history: await context.journal.history(historyRead),
  });
}

async function releaseOne(
  context: StrayContext,
  { connection, stray }: { readonly connection: VsphereConnection; readonly stray: Stray },
  signal: AbortSignal,
): Promise<void> {
  const { kind, vm, object = '' } = stray;
  switch (kind) {
    case 'attached-disk':
    case 'foreign-disk':
      return detach(context, { connection, applianceMoref: vm.moref, key: Number(object) }, signal);
    case 'snapshot':
      await requireNothingAttached(context, { connection, vmMoref: vm.moref }, signal);
      await connection.removeSnapshot(object, { signal });
      return consolidateIfNeeded(connection, vm.moref, signal);
    case 'consolidation':
      await requireNothingAttached(context, { connection, vmMoref: vm.moref }, signal);
      return consolidateIfNeeded(connection, vm.moref, signal);
    case 'unfinished-vm':
      await requireNothingAttached(context, { connection, vmMoref: vm.moref }, signal);
      return connection.destroyVm(vm.moref, signal);
    case 'foreign-snapshot':
    case 'other-appliance':
      throw new ColdframeError('invalid-input', 'It is not ours to remove.');
    default:
      kind satisfies never;
  }
}

async function detach(
  { devices, log }: EngineContext,
  at: {
    readonly connection: VsphereConnection;
    readonly applianceMoref: string;
    readonly key: number;
  },
  signal: AbortSignal,
): Promise<void> {
  const { connection, applianceMoref, key } = at;
  const disk = (await connection.listAttached(applianceMoref, signal)).find(
    (each) => each.key === key,
  );
  if (disk === undefined) return;
  await devices.release(disk, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    log.warn(
      `Detaching ${disk.fileName} although the guest has not let go of it: ${String(error)}`,
    );
  });
  await connection.detachDisks(applianceMoref, [key], signal);
}

/** A snapshot that goes from under an attached disk leaves what nobody can repair. */
async function requireNothingAttached(
  context: StrayContext,
  { connection, vmMoref }: { readonly connection: VsphereConnection; readonly vmMoref: string },
  signal: AbortSignal,
): Promise<void> {
  const appliance = await findAppliance(context, connection, signal);
  if (appliance === undefined) return;
  const { disks } = await connection.getVm(vmMoref, signal);
  const files = new Set(disks.flatMap(({ backing }) => [backing.fileName, ...backing.parents]));
  const attached = await connection.listAttached(appliance.identity.moref, signal);
  const held = attached.find(({ fileName, parents = [] }) =>
    [fileName, ...parents].some((file) => files.has(file)),
  );
  if (held !== undefined)
    throw new ColdframeError('busy', `${held.fileName} is still attached to the appliance.`);
}
