import type { EndpointWithPassword, RepositoryConfig } from '#core/config.ts';
import { withDeadline } from '#core/deadline.ts';
import { ColdframeError } from '#core/error.ts';
import type { JournalEntry } from '#core/journal.ts';

import type { EngineContext } from './ports.ts';
import type { RecoverOutcome, RecoverSources } from './requests.ts';
import { undo } from './undo.ts';
import { undoLimitMs } from './undo-limit.ts';
import type { UndoSources } from './undo-tools.ts';

export interface RecoverRequest {
  readonly sources: RecoverSources;
  /** Tasks that are running now: their entries are theirs. */
  readonly runningTaskIds: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/**
 * Undoes what the journal still holds of tasks that do not run any more: newest first, because
 * later effects hold on to earlier ones. Never throws for an entry; it says what is left and why.
 */
export async function recover(
  context: EngineContext,
  { sources, runningTaskIds, signal }: RecoverRequest,
): Promise<RecoverOutcome> {
  const entries = (await context.journal.open()).filter(
    ({ taskId }) => !runningTaskIds.has(taskId),
  );
  const open: { entryId: string; reason: string }[] = [];
  let undone = 0;
  for (const entry of entries.toReversed()) {
    signal.throwIfAborted();
    try {
      await undoOne(context, entry, { sources: throwing(sources), signal });
      undone += 1;
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      context.log.warn(`Still open in the journal: ${entry.kind}: ${reason}`, { id: entry.id });
      open.push({ entryId: entry.id, reason });
    }
  }
  return { undone, open };
}

function undoOne(
  context: EngineContext,
  entry: JournalEntry,
  { sources, signal }: { readonly sources: UndoSources; readonly signal: AbortSignal },
): Promise<void> {
  return withDeadline(
    context.clock,
    { signal, ms: undoLimitMs(entry.kind), what: `Undoing "${entry.kind}"` },
    (both) =>
      undo(entry, { context, sources }, { signal: both, uncertain: entry.state === 'intended' }),
  );
}

/** An entry whose endpoint or repository was removed stays open with that reason. */
export function throwing(sources: RecoverSources): UndoSources {
  return {
    async endpoint(id): Promise<EndpointWithPassword> {
      const found = await sources.endpoint(id);
      if (found !== undefined) return found;
      throw new ColdframeError(
        'not-found',
        `Endpoint ${id} is not in the settings any more. Add it again so that its clean-up can be finished.`,
      );
    },
    async repository(id): Promise<RepositoryConfig> {
      const found = await sources.repository(id);
      if (found !== undefined) return found;
      throw new ColdframeError(
        'not-found',
        `Repository ${id} is not in the settings any more. Add it again so that its clean-up can be finished.`,
      );
    },
  };
}
