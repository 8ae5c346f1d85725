import { ColdframeError } from '#core/error.ts';

import type { EngineContext, TaskLog } from './ports.ts';
import type { VmInRepository } from './vm-archives.ts';

/** Longer than the lock of an appliance that died lives. */
const patienceMs = 12 * 60_000;
const pauseMs = 2000;

/**
 * Keeps everybody from removing restore points of the VM until disposed, so that the parent of a
 * new one is still there when it is committed. Waits for who is at it; then throws 'busy'.
 */
export async function holdVmFolder(
  context: EngineContext,
  { vm, repository }: VmInRepository,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const { applianceId, catalog, clock, ids, log, repositories } = context;
  const known = (await catalog.restorePointsOfVm(vm)).filter(
    ({ repositoryId }) => repositoryId === repository.id,
  );
  const places = { instanceUuid: vm.instanceUuid, paths: known.map(({ path }) => path) };
  const owner = `appliance ${applianceId}, backing up ${vm.name}`;
  const untilMs = clock.now() + patienceMs;
  for (let told = false; ; told = true) {
    signal.throwIfAborted();
    try {
      const token = ids.next();
      const holder = { owner, applianceId, token, clock };
      return givenBack(await repositories.lockVm(repository, places, holder), log);
    } catch (error) {
      const busy = error instanceof ColdframeError && error.code === 'busy';
      if (!busy || clock.now() >= untilMs) throw error;
      if (!told) log.info(`Waiting: ${error.message}`);
      await clock.sleep(pauseMs, signal);
    }
  }
}

/** By then the archive is committed: a lock that cannot be removed fails nothing and ends by itself. */
function givenBack(lock: AsyncDisposable, log: TaskLog): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: () =>
      Promise.resolve(lock[Symbol.asyncDispose]()).catch((error: unknown) =>
        log.warn(`The lock of the VM's folder could not be removed: ${String(error)}`),
      ),
  };
}
