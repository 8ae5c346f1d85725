import type { RepositoryConfig } from '#core/config.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import type { CatalogPort, EngineContext, RepositoryPort, VmPlaces } from './ports.ts';

/** What removing restore points needs of the other rooms; no more, so that nothing else is in reach. */
export interface PruneContext extends Pick<EngineContext, 'applianceId' | 'clock' | 'ids' | 'log'> {
  readonly catalog: PruneCatalog;
  readonly repositories: PruneRepositories;
}

export interface PruneCatalog extends Pick<
  CatalogPort,
  'getRestorePoint' | 'removeRestorePoint' | 'restorePointMarks' | 'restorePointsOfVm'
> {
  /** Durable before it resolves. */
  setRemoving(ids: readonly string[], removing: boolean): Promise<void>;
  forgetMarks(id: string): Promise<void>;
}

export interface PruneRepositories extends Pick<RepositoryPort, 'lockVm' | 'remove'> {
  /** Every committed archive of the VM; throws rather than answering in part. */
  listVm(
    repository: RepositoryConfig,
    vm: VmPlaces,
    signal: AbortSignal,
  ): Promise<readonly RestorePoint[]>;
}
