import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { StandIns } from '#core/stand-ins.ts';

import { chainByCatalog, findRestorePoint, readChain } from './chain.ts';
import type { EngineContext } from './ports.ts';
import { recordDamage } from './record-damage.ts';
import type { TaskWatch, VerifyOutcome, VerifyRequest } from './requests.ts';
import { verdictsOf } from './verdicts.ts';

/**
 * Reads every byte of a restore point's chain and compares it with its digests. The verdict stays
 * in the catalog, so that no backup builds on what was found damaged.
 */
export async function verifyRestorePoint(
  context: EngineContext,
  request: VerifyRequest,
  watch: TaskWatch,
): Promise<VerifyOutcome> {
  const { repository } = request;
  await context.repositories.check(repository, watch.signal);
  const point = await findRestorePoint(context, repository, request.restorePointId);
  const chain = await chainToVerify(context, { repository, point }, watch.signal);
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
  // Where the repository has gone meanwhile, what could not be read says nothing about archives.
  if (result.damage.length > 0) await context.repositories.check(repository, watch.signal);
  const atMs = context.clock.now();
  await context.catalog.setDamage(verdictsOf(chain, result, atMs));
  await context.catalog.setChecks(
    new Map(
      chain.map(({ header, path }) => [
        header.id,
        { atMs, good: !result.damage.some((each) => each.path === path) },
      ]),
    ),
  );
  // The oldest damaged one, whose descendants are those of all.
  const hit = chain.find(({ path }) => result.damage.some((each) => each.path === path));
  if (hit !== undefined)
    await recordDamage(context, { repository, point: hit, damage: result.damage }, watch.signal);
  return { ...result, chain };
}

/** An archive that does not even open is for the mover to report, with all others. */
async function chainToVerify(
  context: EngineContext,
  request: { readonly repository: RepositoryConfig; readonly point: RestorePoint },
  signal: AbortSignal,
): Promise<readonly RestorePoint[]> {
  const { repository, point } = request;
  try {
    return await readChain(context, request, signal);
  } catch (error) {
    if (!(error instanceof ColdframeError) || error.code !== 'archive-damaged') throw error;
    const family = (await context.catalog.restorePointsOfVm(point.header.vm)).filter(
      ({ repositoryId }) => repositoryId === repository.id,
    );
    return chainByCatalog(family, new StandIns(family), point);
  }
}
