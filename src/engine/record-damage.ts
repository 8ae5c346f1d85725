import type { RepositoryConfig } from '#core/config.ts';
import type { VerifyDamage } from '#core/mover-orders.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { StandIns } from '#core/stand-ins.ts';

import { chainByCatalog } from './chain.ts';
import type { EngineContext } from './ports.ts';
import { verdictsOf } from './verdicts.ts';

export interface DamageFound {
  readonly repository: RepositoryConfig;
  /** Whose archive is damaged. */
  readonly point: RestorePoint;
  readonly damage: readonly VerifyDamage[];
}

/**
 * Writes down what damage in one archive means for its restore point and for every one that builds
 * on it. Only chunk tables are read for it; what else is damaged in the chain stays as noted before.
 */
export async function recordDamage(
  context: EngineContext,
  { repository, point, damage }: DamageFound,
  signal: AbortSignal,
): Promise<void> {
  const folder = { root: repository.root, repositoryId: repository.id };
  const family = (await context.catalog.restorePointsOfVm(point.header.vm)).filter(
    ({ repositoryId }) => repositoryId === repository.id,
  );
  const standIns = new StandIns(family);
  for (const tip of tipsAbove(family, standIns, point)) {
    const chain = chainByCatalog(family, standIns, tip);
    const before = await context.catalog.restorePointMarks(chain.map(({ header }) => header.id));
    const known = [...damage, ...knownOthers(chain, before, point)];
    const { lost } = await context.mover.run(
      { kind: 'verify', chain: chain.map(({ path }) => ({ repository: folder, path })), known },
      { signal, onLog: (level, message) => context.log[level](message) },
    );
    await context.catalog.setDamage(
      verdictsOf(chain, { damage: known, lost }, context.clock.now()),
    );
  }
}

/** What earlier checks found in other archives of the chain, as far as it was localised. */
function knownOthers(
  chain: readonly RestorePoint[],
  marks: Awaited<ReturnType<EngineContext['catalog']['restorePointMarks']>>,
  { path }: RestorePoint,
): readonly VerifyDamage[] {
  return chain.flatMap((each) => {
    const noted = marks.get(each.header.id)?.damage;
    if (noted === undefined || noted.path !== each.path || each.path === path) return [];
    if (noted.areas === undefined)
      return [{ path: each.path, member: '', ranges: [], message: noted.message }];
    return noted.areas.map(({ label, ranges }) => ({
      path: each.path,
      member: `disks/${label}.raw`,
      ranges,
      message: noted.message,
    }));
  });
}

/** The newest restore points of the chains that `point` is part of; itself where nothing builds on it. */
function tipsAbove(
  family: readonly RestorePoint[],
  standIns: StandIns<RestorePoint>,
  point: RestorePoint,
): readonly RestorePoint[] {
  const childrenOf = ({ header }: RestorePoint): readonly RestorePoint[] =>
    family.filter((each) => standIns.parentIdOf(each) === header.id);
  const above = [point];
  const tips: RestorePoint[] = [];
  // A list that grows while it is walked: children of children.
  for (const each of above) {
    const children = childrenOf(each).filter((child) => !above.includes(child));
    above.push(...children);
    if (children.length === 0) tips.push(each);
  }
  return tips;
}
