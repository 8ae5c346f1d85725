import type { DiskAccess, VddkAccess } from '#core/disk-access.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { TransportChoice } from '#core/transport-plan.ts';
import type { VmDisk } from '#core/vm.ts';

import type { EndpointWithPassword } from '#core/config.ts';

import type { Effects } from './effects.ts';
import { hotAddGate } from './gate.ts';
import { accessIdentity } from './prepare-access.ts';
import type { AttachRequest, EngineContext, VsphereConnection } from './ports.ts';
import { vddkLogin } from './vddk-access.ts';

/** vSphere has answered that it did not do it. */
const refusals = new Set(['busy', 'no-permission', 'not-found', 'invalid-input']);

export interface ReachJob {
  readonly connection: VsphereConnection;
  readonly endpoint: EndpointWithPassword;
  readonly effects: Effects;
  readonly vmMoref: string;
  /** Absent for writing. */
  readonly snapshotMoref?: string;
  readonly applianceMoref: string | undefined;
  /** The VM is kept from migrating already. */
  readonly prepared?: boolean;
  readonly disks: readonly ReachDisk[];
}

export interface ReachDisk {
  readonly label: string;
  readonly disk: VmDisk;
  readonly choice: TransportChoice;
}

/** Readies every disk for the mover by its chosen transport: attaches, journals, and says how to open it. */
export async function reachDisks(
  context: EngineContext,
  job: ReachJob,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DiskAccess>> {
  const accesses = new Map<string, DiskAccess>();
  const own = job.disks.filter(({ choice }) => choice === 'hotadd-own');
  const vddk = job.disks.filter(({ choice }) => choice !== 'hotadd-own');
  if (own.length > 0)
    try {
      for (const [label, access] of await attach(context, { ...job, disks: own }, signal))
        accesses.set(label, access);
    } catch (error) {
      signal.throwIfAborted();
      throw notOpened(
        own.map(({ label }) => label),
        error,
      );
    }
  if (vddk.length > 0) {
    const { vmMoref, effects } = job;
    const access = await vddkAccess(context, job);
    await effects.make('vddk-access', { vmMoref }, () => Promise.resolve());
    const identity = job.prepared === true ? {} : await announcePrepare(context, job);
    for (const { label, disk, choice } of vddk)
      accesses.set(label, {
        ...access,
        ...identity,
        path: disk.backing.fileName,
        transports: [vddkName(choice)],
      });
  }
  return accesses;
}

/** VDDK has ended in order, or was never reached: nothing of it is left. Does not throw. */
export async function closeVddk({ log }: EngineContext, effects: Effects): Promise<void> {
  try {
    await effects.keep('disable-migration');
    await effects.keep('vddk-access');
  } catch (error) {
    // They are still in their scope, whose end undoes them and warns if it cannot.
    log.warn(`The journal could not note that VDDK has ended: ${String(error)}`);
  }
}

/** All disks in one reconfiguration, then the block device of each. */
async function attach(
  context: EngineContext,
  job: ReachJob,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DiskAccess>> {
  const { applianceMoref, connection, effects, vmMoref, disks } = job;
  if (applianceMoref === undefined)
    throw new ColdframeError('internal', 'HotAdd was planned without an appliance VM.');
  const files = disks.map(({ disk }) => disk.backing.fileName);
  const mode =
    job.snapshotMoref === undefined ? 'independent_persistent' : 'independent_nonpersistent';
  const request: AttachRequest = {
    vmMoref: applianceMoref,
    disks: disks.map(({ disk }) => ({
      fileName: disk.backing.fileName,
      capacityBytes: disk.capacityBytes,
      mode,
    })),
  };
  const attached = await hotAddGate(context).pass(async () => {
    try {
      return await effects.make('attach', { applianceMoref, vmMoref, files }, async (_, note) => {
        const made = await connection.attachDisks(request, signal);
        note({ deviceKeys: made.map(({ key }) => key) });
        return made;
      });
    } catch (error) {
      // What was refused has attached nothing; the same file may well be there for another task.
      if (isRefusal(error)) await effects.keep('attach');
      throw error;
    }
  });
  const accesses = new Map<string, DiskAccess>();
  for (const { label, disk } of disks) {
    const found = attached.find(({ fileName }) => fileName === disk.backing.fileName);
    if (found === undefined)
      throw new ColdframeError(
        'vsphere-fault',
        `vSphere attached other disks to the appliance than ${disk.backing.fileName}.`,
      );
    const path = await context.devices.find(found, signal);
    accesses.set(label, {
      kind: 'block',
      path,
      transport: 'hotadd',
      capacityBytes: disk.capacityBytes,
    });
  }
  return accesses;
}

function isRefusal(error: unknown): boolean {
  return error instanceof ColdframeError && refusals.has(error.code);
}

/** As the mover says it: nothing was read or written yet, so another transport may be tried. */
export function notOpened(labels: readonly string[], cause: unknown): ColdframeError {
  const { code, message, details } = toErrorRecord(cause);
  return new ColdframeError(code, message, {
    cause,
    details: { ...details, stage: 'open', labels },
  });
}

/** The mover keeps the VM from migrating while it reads; stand-alone hosts have nowhere to migrate to. */
async function announcePrepare(
  context: EngineContext,
  { connection, effects, vmMoref }: ReachJob,
): Promise<Pick<VddkAccess, 'accessIdentity'>> {
  if (connection.about.apiType !== 'VirtualCenter') return {};
  const identity = accessIdentity(context);
  await effects.make('disable-migration', { vmMoref, identity }, () => Promise.resolve());
  return { accessIdentity: identity };
}

async function vddkAccess(
  context: EngineContext,
  job: ReachJob,
): Promise<Omit<VddkAccess, 'path' | 'transports'>> {
  const vddk = await context.vddk.installed();
  if (vddk === undefined)
    throw new ColdframeError('not-found', 'VDDK was uninstalled while it was needed.');
  return {
    ...vddkLogin({ ...job, vddk }),
    ...(job.snapshotMoref === undefined ? {} : { snapshotMoref: job.snapshotMoref }),
  };
}

function vddkName(choice: TransportChoice): VddkAccess['transports'][number] {
  return choice === 'hotadd-vddk' || choice === 'hotadd-own' ? 'hotadd' : choice;
}
