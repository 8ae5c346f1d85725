import { reasonForActiveFull } from '#core/active-full.ts';
import { reasonForNewChain, type ParentChoice } from '#core/backup-plan.ts';
import type { Damage } from '#core/restore-point-marks.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { sealedId } from '#core/stand-ins.ts';
import type { VmIdentity } from '#core/vm.ts';

import { readChain, soundStandIns } from './chain.ts';
import type { EngineContext } from './ports.ts';
import type { BackupRequest } from './requests.ts';

/** The newest restore point of the VM, if its whole chain is there to build on. */
export async function chooseParent(
  context: EngineContext,
  { vm, request }: { readonly vm: VmIdentity; readonly request: BackupRequest },
  signal: AbortSignal,
): Promise<ParentChoice & { readonly last?: RestorePoint }> {
  const { repository } = request;
  const [newest] = (await context.catalog.restorePointsOfVm(vm)).filter(
    (point) => point.repositoryId === repository.id,
  );
  if (newest === undefined) return { reason: 'first backup of this VM to this repository' };
  const standIns = await soundStandIns(context, repository, vm);
  const last = standIns.of(sealedId(newest)) ?? newest;
  if (request.options.forceFull) return { reason: 'a full backup was asked for', last };
  try {
    const chain = await readChain(context, { repository, point: last }, signal);
    const damage = await knownDamage(context, last);
    // What was lost is known: this backup reads it again, and the chain is good from here on.
    const lost = damage?.areas;
    const beyond = damage !== undefined && lost === undefined ? damageText(damage) : undefined;
    if (beyond !== undefined) context.log.warn(`A new chain is begun: ${beyond}`);
    const { activeFullDays, maxChainLength } = request.options;
    const reason =
      beyond ??
      reasonForNewChain(chain.length, maxChainLength) ??
      reasonForActiveFull(chain[0]!.header, { nowMs: context.clock.now(), activeFullDays });
    if (reason !== undefined) return { reason, last };
    if (damage !== undefined) context.log.warn(`The chain is healed: ${damageText(damage)}.`);
    return { point: last, last, ...(lost === undefined ? {} : { lost }) };
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    context.log.warn(`The last restore point cannot be built on: ${why}`);
    return { reason: `the last restore point cannot be built on: ${why}`, last };
  }
}

/** What the last verification found wrong with the restore point or with what it builds on. */
async function knownDamage(
  { catalog }: EngineContext,
  { header }: RestorePoint,
): Promise<Damage | undefined> {
  return (await catalog.restorePointMarks([header.id])).get(header.id)?.damage;
}

function damageText({ path, atMs }: Damage): string {
  return `verification found damage in ${path} at ${new Date(atMs).toISOString()}`;
}
