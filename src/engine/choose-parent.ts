import { reasonForNewChain, type ParentChoice } from '#core/backup-plan.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { VmIdentity } from '#core/vm.ts';

import { readChain } from './chain.ts';
import type { EngineContext } from './ports.ts';
import type { BackupRequest } from './requests.ts';

/** The newest restore point of the VM, if its whole chain is there to build on. */
export async function chooseParent(
  context: EngineContext,
  { vm, request }: { readonly vm: VmIdentity; readonly request: BackupRequest },
  signal: AbortSignal,
): Promise<ParentChoice & { readonly last?: RestorePoint }> {
  const { repository } = request;
  const [last] = (await context.catalog.restorePointsOfVm(vm)).filter(
    (point) => point.repositoryId === repository.id,
  );
  if (last === undefined) return { reason: 'first backup of this VM to this repository' };
  if (request.options.forceFull) return { reason: 'a full backup was asked for', last };
  try {
    const chain = await readChain(context, { repository, point: last }, signal);
    const reason = reasonForNewChain(chain.length, request.options.maxChainLength);
    return reason === undefined ? { point: last, last } : { reason, last };
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    context.log.warn(`The last restore point cannot be built on: ${why}`);
    return { reason: `the last restore point cannot be built on: ${why}`, last };
  }
}
