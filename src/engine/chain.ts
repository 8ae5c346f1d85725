import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { servesAs, StandIns, type SealedId } from '#core/stand-ins.ts';
import type { VmIdentity } from '#core/vm.ts';

import type { EngineContext } from './ports.ts';

/**
 * The restore points that `point` builds on and itself, oldest first, each read from its archive
 * now and linked by seal. Throws 'chain-broken', or what reading an archive throws.
 */
export async function readChain(
  context: EngineContext,
  request: { readonly repository: RepositoryConfig; readonly point: RestorePoint },
  signal: AbortSignal,
): Promise<readonly RestorePoint[]> {
  const { repository } = request;
  const standIns = await soundStandIns(context, repository, request.point.header.vm);
  const chain: RestorePoint[] = [];
  let wanted: RestorePoint | undefined = request.point;
  let named: SealedId = { id: wanted.header.id, seal: wanted.seal };
  while (wanted !== undefined) {
    const { id } = wanted.header;
    const found: RestorePoint = await context.repositories.read(repository, wanted.path, signal);
    if (found.header.id !== id || found.seal !== wanted.seal || !servesAs(found, named))
      throw new ColdframeError(
        'chain-broken',
        `${found.path} is not the restore point ${id} that the chain needs: its seal differs. Put the original archive back.`,
      );
    chain.unshift(found);
    const { parent } = found.header;
    if (parent === null) return chain;
    named = parent;
    // What stands in for the parent comes first: it needs fewer archives.
    wanted = standIns.of(parent) ?? (await context.catalog.getRestorePoint(parent.id));
    if (wanted === undefined || wanted.repositoryId !== repository.id)
      throw new ColdframeError(
        'chain-broken',
        `Restore point ${id} builds on ${parent.id}, which is not in repository "${repository.name}". Put its archive back and rebuild the catalog.`,
      );
  }
  return chain;
}

/** The restore point by its id; it must lie in `repository`. */
export async function findRestorePoint(
  context: EngineContext,
  repository: RepositoryConfig,
  id: string,
): Promise<RestorePoint> {
  const point = await context.catalog.getRestorePoint(id);
  if (point !== undefined && point.repositoryId === repository.id) return point;
  throw new ColdframeError(
    'not-found',
    `There is no restore point ${id} in repository "${repository.name}". List them with "coldframe restore-point list".`,
  );
}

/** The synthetic fulls of the VM, but for those that were found damaged. */
export async function soundStandIns(
  { catalog }: Pick<EngineContext, 'catalog'>,
  repository: RepositoryConfig,
  vm: Pick<VmIdentity, 'endpointUuid' | 'instanceUuid'>,
): Promise<StandIns<RestorePoint>> {
  const here = (await catalog.restorePointsOfVm(vm)).filter(
    ({ repositoryId }) => repositoryId === repository.id,
  );
  const marks = await catalog.restorePointMarks(here.map(({ header }) => header.id));
  return new StandIns(here, ({ header }) => marks.get(header.id)?.damage === undefined);
}

/** By the catalog alone, oldest first: for when archives of it may not even open. */
export function chainByCatalog(
  family: readonly RestorePoint[],
  standIns: StandIns<RestorePoint>,
  tip: RestorePoint,
): readonly RestorePoint[] {
  const byId = new Map(family.map((each) => [each.header.id, each]));
  const chain: RestorePoint[] = [];
  for (let at: RestorePoint | undefined = tip; at !== undefined && !chain.includes(at);) {
    chain.unshift(at);
    at = byId.get(standIns.parentIdOf(at) ?? '');
  }
  return chain;
}
