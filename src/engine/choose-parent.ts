import { reasonForActiveFull } from '#core/active-full.ts';
import { reasonForNewChain, type ParentChoice } from '#core/backup-plan.ts';
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
    const damage = await knownDamage(context, chain);
    if (damage !== undefined) context.log.warn(`A new chain is begun: ${damage}`);
    const { activeFullDays, maxChainLength } = request.options;
    const reason =
      damage ??
      reasonForNewChain(chain.length, maxChainLength) ??
      reasonForActiveFull(chain[0]!.header, { nowMs: context.clock.now(), activeFullDays });
    return reason === undefined ? { point: last, last } : { reason, last };
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    context.log.warn(`The last restore point cannot be built on: ${why}`);
    return { reason: `the last restore point cannot be built on: ${why}`, last };
  }
}

async function knownDamage(
  { catalog }: EngineContext,
  chain: readonly RestorePoint[],
): Promise<string | undefined> {
  const marks = await catalog.restorePointMarks(chain.map(({ header }) => header.id));
  const damage = [...marks.values()].find((each) => each.damage !== undefined)?.damage;
  if (damage === undefined) return undefined;
  return `verification found damage in ${damage.path} at ${new Date(damage.atMs).toISOString()}`;
}
