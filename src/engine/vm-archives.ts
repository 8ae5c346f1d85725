import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { RestorePointMarks } from '#core/restore-point-marks.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { VmIdentity } from '#core/vm.ts';

import type { PruneContext } from './prune-ports.ts';

export interface VmInRepository {
  readonly repository: RepositoryConfig;
  readonly vm: Pick<VmIdentity, 'endpointUuid' | 'instanceUuid' | 'name'>;
}

/** One VM's restore points in one repository, where catalog and archives agree. */
export interface VmArchives {
  /** Every archive that lies there, as it was just read. */
  readonly points: readonly RestorePoint[];
  /** Ids of those that the catalog knows; another appliance may have made the others. */
  readonly known: ReadonlySet<string>;
  readonly marks: ReadonlyMap<string, RestorePointMarks>;
}

/**
 * Locks the VM's folders for as long as the answer is held, reads every archive in them and
 * compares with the catalog. Throws when anything differs: nothing may be removed from a list
 * that is not whole.
 */
export async function holdVmArchives(
  context: PruneContext,
  { repository, vm }: VmInRepository,
  signal: AbortSignal,
): Promise<VmArchives & AsyncDisposable> {
  const { catalog, repositories } = context;
  const inCatalog = (await catalog.restorePointsOfVm(vm)).filter(
    ({ repositoryId }) => repositoryId === repository.id,
  );
  const places = { instanceUuid: vm.instanceUuid, paths: inCatalog.map(({ path }) => path) };
  await using stack = new AsyncDisposableStack();
  stack.use(
    await repositories.lockVm(repository, places, {
      owner: `appliance ${context.applianceId}, removing restore points of ${vm.name}`,
      applianceId: context.applianceId,
      token: context.ids.next(),
      clock: context.clock,
    }),
  );
  const points = await repositories.listVm(repository, places, signal);
  const byId = indexOf(points, repository);
  const marks = await catalog.restorePointMarks([
    ...new Set([...byId.keys(), ...inCatalog.map(({ header }) => header.id)]),
  ]);
  const known = new Set<string>();
  const missing: RestorePoint[] = [];
  for (const point of inCatalog) {
    const { id } = point.header;
    const listed = byId.get(id);
    if (listed === undefined) missing.push(point);
    else if (listed.seal === point.seal) known.add(id);
    else throw notTheSame(point, repository);
  }
  const lost = missing.filter(({ header }) => marks.get(header.id)?.removing !== true);
  if (lost.length > 0) throw missingArchives(lost, repository);
  for (const { header } of missing) await forget(context, header.id);
  const kept = stack.move();
  return { points, known, marks, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Takes a restore point whose archive is gone out of the catalog. */
export async function forget({ catalog }: PruneContext, id: string): Promise<void> {
  await catalog.removeRestorePoint(id);
  // Last, so that a crash in between is seen as a removal to be finished.
  await catalog.forgetMarks(id);
}

function indexOf(
  points: readonly RestorePoint[],
  repository: RepositoryConfig,
): Map<string, RestorePoint> {
  const byId = new Map<string, RestorePoint>();
  for (const point of points) {
    const twin = byId.get(point.header.id);
    if (twin !== undefined)
      throw new ColdframeError(
        'repository',
        `Repository "${repository.name}" holds the restore point ${point.header.id} twice: ${twin.path} and ${point.path}. Nothing was removed; move one of them out of the repository.`,
      );
    byId.set(point.header.id, point);
  }
  return byId;
}

function missingArchives(
  lost: readonly RestorePoint[],
  repository: RepositoryConfig,
): ColdframeError {
  const paths = lost.map(({ path }) => path);
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
  return new ColdframeError(
    'repository',
    `Repository "${repository.name}" lacks ${paths[0]}${more}, which the catalog knows. Nothing was removed. Put the archives back, or, if they were removed on purpose, run: coldframe repository rebuild ${repository.name} --forget-missing`,
    { details: { missing: paths } },
  );
}

function notTheSame({ path }: RestorePoint, repository: RepositoryConfig): ColdframeError {
  return new ColdframeError(
    'repository',
    `${path} in repository "${repository.name}" is not the archive that was written: its seal differs. Nothing was removed. Put the original back, or run: coldframe repository rebuild ${repository.name} --all`,
  );
}
