import { ColdframeError } from '#core/error.ts';
import type { JournalEntryOf } from '#core/journal.ts';
import { unfinishedRestoreKey } from '#core/own-settings.ts';
import type { VmDetails } from '#core/vm.ts';

import { lookForEffect } from './look-for-effect.ts';
import type { EngineContext, VmQuery, VsphereConnection } from './ports.ts';
import { mixedDisks, unfinishedRestores } from './unfinished-restore.ts';
import type { UndoOptions, UndoTools } from './undo-tools.ts';

/**
 * What was overwritten cannot be brought back: the entry stays open, and with it the warning,
 * until a restore of the VM succeeds, its mark was taken away by hand, or the VM is gone.
 */
export async function undoInPlaceRestore(
  entry: JournalEntryOf<'in-place-restore'>,
  { context, sources }: UndoTools,
  { signal }: UndoOptions,
): Promise<void> {
  const { restorePointId } = entry.detail;
  await using connection = await context.vsphere.connect(
    await sources.endpoint(entry.endpointId),
    signal,
  );
  const vmMoref = await connection.findVm(queryOf(entry.detail), signal);
  if (vmMoref === undefined) return;
  const { identity, extraConfig } = await connection.getVm(vmMoref, signal);
  // The mark was there before the entry was 'done': an administrator has taken it away since.
  if (entry.state === 'done' && (extraConfig.get(unfinishedRestoreKey) ?? '') === '') return;
  throw new ColdframeError(
    'not-eligible',
    `The restore of ${identity.name} from restore point ${restorePointId} did not finish: ` +
      `${mixedDisks(entry)} are a mix of old and restored data. Restore it again, and do not power it on before.`,
  );
}

/** Powers the VM on again if that was asked for and its disks are whole. */
export async function undoPowerOff(
  entry: JournalEntryOf<'power-off'>,
  { context, sources }: UndoTools,
  { signal, uncertain }: UndoOptions,
): Promise<void> {
  const { powerOnAgain } = entry.detail;
  if (!powerOnAgain) return;
  await using connection = await context.vsphere.connect(
    await sources.endpoint(entry.endpointId),
    signal,
  );
  const vmMoref = await connection.findVm(queryOf(entry.detail), signal);
  if (vmMoref === undefined) return;
  const { identity, powerState } = await powerSettled(context, {
    connection,
    vmMoref,
    uncertain,
    signal,
  });
  const [unfinished] = unfinishedRestores(await context.journal.open(), {
    endpointId: entry.endpointId,
    vm: identity,
  });
  if (unfinished !== undefined)
    throw new ColdframeError(
      'not-eligible',
      `The VM stays powered off until its restore has been repeated (journal entry ${unfinished.id}).`,
    );
  if (powerState === 'poweredOff') await connection.powerOn(vmMoref, signal);
}

/** A power-off may still be on its way, or under way: a VM that runs now need not run in a moment. */
async function powerSettled(
  context: EngineContext,
  at: {
    readonly connection: VsphereConnection;
    readonly vmMoref: string;
    readonly uncertain: boolean;
    readonly signal: AbortSignal;
  },
): Promise<VmDetails> {
  const { connection, vmMoref, uncertain, signal } = at;
  const [off] = await lookForEffect(context, {
    signal,
    uncertain,
    settled: () => connection.settled({ vmMoref }, signal),
    look: async () => {
      const vm = await connection.getVm(vmMoref, signal);
      return vm.powerState === 'poweredOff' ? [vm] : [];
    },
  });
  return off ?? connection.getVm(vmMoref, signal);
}

/** A moref may be another VM's after a while; the uuid is kept for that. */
function queryOf({
  vmMoref,
  vmInstanceUuid,
}: {
  readonly vmMoref: string;
  readonly vmInstanceUuid?: string;
}): VmQuery {
  return vmInstanceUuid === undefined || vmInstanceUuid === ''
    ? { moref: vmMoref }
    : { instanceUuid: vmInstanceUuid, morefHint: vmMoref };
}
