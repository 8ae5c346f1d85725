import type { RepositoryConfig } from '#core/config.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import type { CatalogPort, EngineContext, RepositoryPort } from './ports.ts';

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

/** Folders of the VM, also of its former names, and those that hold `paths`. */
export interface VmPlaces {
  readonly instanceUuid: string;
  readonly paths: readonly string[];
}

export interface PruneRepositories extends Pick<RepositoryPort, 'remove'> {
  /** Every committed archive of the VM; throws rather than answering in part. */
  listVm(
    repository: RepositoryConfig,
    vm: VmPlaces,
    signal: AbortSignal,
  ): Promise<readonly RestorePoint[]>;
  /** Throws 'busy' when somebody else works on these archives. */
  lockVm(
    repository: RepositoryConfig,
    vm: VmPlaces,
    holder: {
      readonly owner: string;
      readonly token: string;
      readonly clock: EngineContext['clock'];
    },
  ): Promise<AsyncDisposable>;
}
