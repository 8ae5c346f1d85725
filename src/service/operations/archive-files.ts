import { join } from 'node:path';

import type { ArchiveFiles } from '#core/api.ts';

import type { RestorePointStore, UseCases } from '../ports.ts';
import type { Repositories } from './repositories.ts';
import { findRestorePoint } from './restore-points.ts';

export interface ArchiveFilesOptions {
  readonly repositories: Pick<Repositories, 'find'>;
  readonly restorePoints: RestorePointStore;
  readonly useCases: Pick<UseCases, 'archivesOfPoint'>;
}

/** Where the archives of a restore point lie, for programs on this machine that read disks out of them. */
export async function archiveFilesOf(
  { repositories, restorePoints, useCases }: ArchiveFilesOptions,
  id: string,
  signal: AbortSignal,
): Promise<ArchiveFiles> {
  const point = await findRestorePoint(restorePoints, id);
  const repository = await repositories.find(point.repositoryId);
  const chain = await useCases.archivesOfPoint(
    { repository, restorePointId: point.header.id },
    signal,
  );
  return {
    archives: chain.map(({ header, path }) => ({
      id: header.id,
      path: join(repository.root, path),
    })),
  };
}
