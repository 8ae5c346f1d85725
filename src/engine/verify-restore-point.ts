import type { VerifyDamage } from '#core/mover-orders.ts';
import type { Damage } from '#core/restore-point-marks.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import { findRestorePoint, readChain } from './chain.ts';
import type { EngineContext } from './ports.ts';
import type { TaskWatch, VerifyOutcome, VerifyRequest } from './requests.ts';

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
  await context.catalog.setDamage(verdicts(chain, result.damage, context.clock.now()));
  return { ...result, chain };
}

/** Damage in one restore point is damage to those that build on it. */
function verdicts(
  chain: readonly RestorePoint[],
  found: readonly VerifyDamage[],
  atMs: number,
): ReadonlyMap<string, Damage | undefined> {
  const all = new Map<string, Damage | undefined>();
  let damage: Damage | undefined;
  for (const { header, path } of chain) {
    const first = found.find((each) => each.path === path);
    if (damage === undefined && first !== undefined)
      damage = { atMs, path, message: first.message };
    all.set(header.id, damage);
  }
  return all;
}
