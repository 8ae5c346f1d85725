import { findRestorePoint, readChain } from './chain.ts';
import type { EngineContext } from './ports.ts';
import type { TaskWatch, VerifyOutcome, VerifyRequest } from './requests.ts';

/** Reads every byte of a restore point's chain and compares it with its digests. */
export async function verifyRestorePoint(
  context: EngineContext,
  request: VerifyRequest,
  watch: TaskWatch,
): Promise<VerifyOutcome> {
  const { repository } = request;
  await context.repositories.check(repository, watch.signal);
  const point = await findRestorePoint(context, repository, request.restorePointId);
  const chain = await readChain(context, { repository, point }, watch.signal);
  const result = await context.mover.run(
    {
      kind: 'verify',
      chain: chain.map(({ path }) => ({
        repository: { root: repository.root, repositoryId: repository.id },
        path,
      })),
    },
    {
      signal: watch.signal,
      ...(watch.onProgress === undefined ? {} : { onProgress: watch.onProgress }),
      onLog: (level, message) => context.log[level](message),
    },
  );
  return { ...result, chain };
}
