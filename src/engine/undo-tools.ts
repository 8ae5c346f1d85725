import type { EndpointWithPassword, RepositoryConfig } from '#core/config.ts';

import type { EngineContext } from './ports.ts';

/** Finds what entries name by id. Both throw 'not-found' for what was removed from the settings. */
export interface UndoSources {
  endpoint(id: string): Promise<EndpointWithPassword>;
  repository(id: string): Promise<RepositoryConfig>;
}

export interface UndoTools {
  readonly context: EngineContext;
  readonly sources: UndoSources;
}

export interface UndoOptions {
  readonly signal: AbortSignal;
  /** The call's outcome is unknown, so an effect that is not there yet may still appear. */
  readonly uncertain: boolean;
}
