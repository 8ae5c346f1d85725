import { toErrorRecord } from '#core/error.ts';

import type { Effects } from './effects.ts';
import { disksLeftAlone, matchDisks } from './match-disks.ts';
import { requireOverwritable, warningsOf, type RestoreGround } from './plan-restore.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';
import type { InPlaceTarget, RestoreOutcome, RestoreRequest, TaskWatch } from './requests.ts';
import { powerOn } from './restore-to-new-vm.ts';
import { isOpenFailure } from './transport-attempts.ts';
import { writeDisks } from './write-disks.ts';

/** extraConfig key that tells everybody in vSphere that the disks are half old, half restored. */
const unfinishedKey = 'coldframe.unfinished-restore';

export interface InPlaceJob {
  readonly request: RestoreRequest;
  readonly target: InPlaceTarget;
  readonly connection: VsphereConnection;
  readonly ground: RestoreGround;
  readonly effects: Effects;
}

/**
 * Overwrites the disks of the VM. From the first byte until the end the VM is marked as
 * unfinished, in the journal and in its own settings: half-restored disks cannot be undone.
 */
export async function restoreInPlace(
  context: EngineContext,
  job: InPlaceJob,
  watch: TaskWatch,
): Promise<Omit<RestoreOutcome, 'durationMs'>> {
  const { request, target, connection, ground, effects } = job;
  const { signal } = watch;
  const { point, disks, chain, appliance } = ground;
  const vm = ground.vm!;
  const vmMoref = vm.identity.moref;
  const wasRunning = vm.powerState === 'poweredOn';
  if (wasRunning)
    await effects.make('power-off', { vmMoref, powerOnAgain: request.powerOn }, () =>
      connection.powerOff(vmMoref, signal),
    );
  const off = await connection.getVm(vmMoref, signal);
  // Somebody may have changed it since it was looked at, and nothing has been written yet.
  requireOverwritable(off, target, appliance);
  const targets = matchDisks(disks, off);
  const restorePointId = point.header.id;
  const tracked = off.changeTrackingEnabled;
  const overwrite = async () => {
    await connection.setExtraConfig(vmMoref, unfinishedKey, restorePointId, signal);
    // Old positions must not be believed afterwards; switching off forgets them.
    if (tracked) await connection.setChangeTracking(vmMoref, false, signal);
    return writeDisks(
      context,
      {
        connection,
        endpoint: request.endpoint,
        repository: request.repository,
        effects,
        vm: off,
        appliance,
        chain,
        targets,
        targetIsZero: false,
        readBack: request.readBack,
        transports: request.transports,
      },
      watch,
    );
  };
  let written: Awaited<ReturnType<typeof writeDisks>>;
  try {
    written = await effects.make('in-place-restore', { vmMoref, restorePointId }, overwrite);
  } catch (error) {
    // No disk could be opened, so not a byte was changed and the VM is what it was.
    if (isOpenFailure(error)) await declareWhole();
    throw error;
  }
  const warnings = [...warningsOf(point), ...disksLeftAlone(targets, off), ...written.warnings];
  await declareWhole();
  await closeEarlierAttempts(context, vmMoref);
  if (tracked) warnings.push(...(await trackAgain(connection, vmMoref, signal)));
  await effects.keep('power-off');
  if (request.powerOn) warnings.push(...(await powerOn(connection, vmMoref, signal)));
  return { vmMoref, vmName: vm.identity.name, disks: written.disks, warnings };

  async function declareWhole(): Promise<void> {
    await connection.setExtraConfig(vmMoref, unfinishedKey, '', signal);
    await effects.keep('in-place-restore');
  }
}

/** This restore has made good what earlier ones left half done. */
async function closeEarlierAttempts(context: EngineContext, vmMoref: string): Promise<void> {
  for (const entry of await context.journal.open())
    if (entry.kind === 'in-place-restore' && entry.detail.vmMoref === vmMoref)
      await context.journal.mark(entry.id, 'undone');
}

async function trackAgain(
  connection: VsphereConnection,
  vmMoref: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    await connection.setChangeTracking(vmMoref, true, signal);
    return [];
  } catch (error) {
    return [
      `Changed block tracking could not be switched on again: ${toErrorRecord(error).message}`,
    ];
  }
}
