import type { RepositoryConfig } from '#core/config.ts';

import { repositorySchema } from './schema.ts';
import type { Store } from './store.ts';
import { openTable } from './table.ts';

export interface Repositories {
  /** By name. */
  listRepositories(): Promise<readonly RepositoryConfig[]>;
  getRepository(id: string): Promise<RepositoryConfig | undefined>;
  saveRepository(repository: RepositoryConfig): Promise<void>;
  /** Forgets the folder; its archives stay where they are. */
  removeRepository(id: string): Promise<void>;
}

export function openRepositories(store: Store): Repositories {
  const repositories = openTable(store, 'repositories', repositorySchema);
  return {
    listRepositories: async () =>
      (await repositories.values()).toSorted((a, b) => a.name.localeCompare(b.name)),
    getRepository: (id) => repositories.get(id),
    saveRepository: (repository) => store.write([repositories.set(repository.id, repository)]),
    removeRepository: (id) => store.write([repositories.remove(id)]),
  };
}
