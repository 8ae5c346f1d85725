import type { EndpointWithPassword, RepositoryConfig } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';

import type { UndoSources } from './undo-tools.ts';

/** A task undoes its own effects with what its request named. */
export function ownSources(request: {
  readonly endpoint: EndpointWithPassword;
  readonly repository: RepositoryConfig;
}): UndoSources {
  const { endpoint, repository } = request;
  return {
    endpoint: (id) => (id === endpoint.id ? Promise.resolve(endpoint) : foreign(id)),
    repository: (id) => (id === repository.id ? Promise.resolve(repository) : foreign(id)),
  };
}

function foreign(id: string): Promise<never> {
  return Promise.reject(
    new ColdframeError('internal', `A journal entry of this task names the foreign id ${id}.`),
  );
}
