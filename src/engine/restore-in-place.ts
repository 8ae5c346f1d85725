import { withDeadline } from '#core/deadline.ts';
import { toErrorRecord } from '#core/error.ts';
import { unfinishedRestoreKey, unfinishedVmKey } from '#core/own-settings.ts';

import { withMethods } from './disk-method.ts';
import type { Effects } from './effects.ts';
import { howToWrite } from './how-to-write.ts';
import { disksLeftAlone, isUnfinishedCopy, targetsIn } from './match-disks.ts';
import { requireOverwritable, warningsOf } from './plan-restore.ts';
import type { RestoreGround } from './restore-ground.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';
import type { InPlaceTarget, RestoreOutcome, RestoreRequest, TaskWatch } from './requests.ts';
import { readPlacement } from './saved-configuration.ts';
import { startVm } from './start-vm.ts';
import { isOpenFailure } from './transport-attempts.ts';
import {
  compareWithEarlier,
  coversAll,
  inPlaceDetail,
  settleEarlier,
  unfinishedRestores,
} from './unfinished-restore.ts';
import { writeDisks } from './write-disks.ts';

/** How long putting the VM's settings back may take, whatever ended the restore. */
const putBackMs = 2 * 60_000;

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
 * When it fails before the first byte, the VM is put back as it was, running if it ran.
 */
export async function restoreInPlace(
  context: EngineContext,
  job: InPlaceJob,
  watch: TaskWatch,
): Promise<Omit<RestoreOutcome, 'durationMs'>> {
  const { request, target, connection, ground, effects } = job;
  const { signal } = watch;
  const { point, chain, appliance } = ground;
  const vm = ground.vm!;
  const { moref: vmMoref, instanceUuid: vmInstanceUuid } = vm.identity;
  const endpointId = request.endpoint.id;
  const earlier = unfinishedRestores(await context.journal.open(), { endpointId, vm: vm.identity });
  const before = vm.extraConfig.get(unfinishedRestoreKey) ?? '';
  const mark = (value: string, until: AbortSignal): Promise<void> =>
    connection.setExtraConfig(vmMoref, unfinishedRestoreKey, value, until);
  // Changes nothing; an account that may not mark the VM is told so while the VM still runs.
  await mark(before, signal);
  if (vm.powerState === 'poweredOn')
    await effects.make('power-off', { vmMoref, vmInstanceUuid, powerOnAgain: true }, () =>
      connection.powerOff(vmMoref, signal),
    );
  const restorePointId = point.header.id;
  const resumed = before === restorePointId;
  const how = await howToWrite(
    context,
    { target, connection, effects, ground, vmMoref, taskId: request.taskId },
    signal,
  );
  const off = await connection.getVm(vmMoref, signal);
  // Somebody may have changed it since it was looked at, and nothing has been written yet.
  requireOverwritable(off, target, appliance);
  const targets = targetsIn(off, ground);
  const written = [...targets.values()];
  const tracked = off.changeTrackingEnabled;
  let marked = false;
  let result: Awaited<ReturnType<typeof writeDisks>>;
  try {
    // Old positions must not be believed afterwards; switching off forgets them.
    if (tracked) await connection.setChangeTracking(vmMoref, false, signal);
    result = await writeDisks(
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
        ...how.write,
        // What an earlier attempt wrote is proven by reading it, and is not written again.
        skipSame: resumed || target.rollback === true,
        onReached: async () => {
          await effects.make('in-place-restore', inPlaceDetail(off, restorePointId, written), () =>
            mark(restorePointId, signal),
          );
          marked = true;
        },
      },
      watch,
    );
  } catch (error) {
    if (!marked || isOpenFailure(error)) await putBack();
    throw error;
  }
  const warnings = [...warningsOf(point), ...disksLeftAlone(targets, off), ...result.warnings];
  const compared = compareWithEarlier(earlier, off, written);
  const mixed = [...new Set(compared.flatMap(({ rest }) => rest.map(({ label }) => label)))];
  // A mark that no entry explains may stand for any disk.
  const explained = before === '' || earlier.some(({ detail }) => detail.restorePointId === before);
  const whole = mixed.length === 0 && (explained || coversAll(off, written));
  const isCopy = isUnfinishedCopy(off, restorePointId);
  await mark(whole ? '' : before || restorePointId, signal);
  if (whole && isCopy) warnings.push(...(await finishCopy(context, job, signal)));
  await effects.keep('in-place-restore');
  await settleEarlier(context, compared);
  if (tracked) warnings.push(...(await trackAgain(connection, vmMoref, signal)));
  await effects.keep('power-off');
  if (!whole)
    warnings.push(
      `${vm.identity.name} stays marked as unfinished, powered off: an earlier restore left ` +
        `${mixed.join(', ') || 'other disks'} half written. Restore them too.`,
    );
  else if (request.powerOn)
    warnings.push(...(await startVm(context, { request, connection, vmMoref }, signal)));
  return {
    vmMoref,
    vmName: vm.identity.name,
    disks: withMethods(result.disks, how.methods),
    warnings,
  };

  /** Not a byte was changed. What cannot be put back stays in the journal. */
  async function putBack(): Promise<void> {
    try {
      await withDeadline(
        context.clock,
        { ms: putBackMs, what: `Putting back the settings of ${vm.identity.name}` },
        async (until) => {
          await mark(before, until);
          await effects.keep('in-place-restore');
          if (!tracked) return;
          for (const warning of await trackAgain(connection, vmMoref, until))
            context.log.warn(warning);
        },
      );
    } catch (error) {
      context.log.warn(toErrorRecord(error).message);
    }
  }
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

/** What a restore to a new VM does last, for one that was broken off and has now been completed. */
async function finishCopy(
  context: EngineContext,
  { request, connection, ground }: InPlaceJob,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { moref } = ground.vm!.identity;
  await connection.setExtraConfig(moref, unfinishedVmKey, '', signal);
  const { customValues } = await readPlacement(context, request.repository, ground.point);
  return connection.setCustomValues(moref, customValues ?? [], signal);
}
