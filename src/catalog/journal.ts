import { z } from 'zod';

import type { Clock, IdSource } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';
import type {
  JournalDetails,
  JournalEntry,
  JournalKind,
  JournalNote,
  JournalState,
} from '#core/journal.ts';

import { journalEntrySchema } from './journal-schema.ts';
import type { Store } from './store.ts';
import { openTable } from './table.ts';
import { joinKey, newestFirst } from './time-key.ts';

const historyMs = 30 * 24 * 3600 * 1000;

export interface Journal {
  /** Durable before it resolves. */
  intend<K extends JournalKind>(entry: {
    readonly taskId: string;
    readonly kind: K;
    readonly endpointId: string;
    readonly detail: JournalDetails[K];
  }): Promise<JournalEntry>;
  /** Repeating a mark is harmless; `undone` is final and moves the entry to the history. */
  mark(id: string, state: JournalState, note?: JournalNote): Promise<void>;
  /** Oldest first. */
  open(): Promise<readonly JournalEntry[]>;
  /** Undone entries of the last 30 days, newest first. */
  history(limit: number): Promise<readonly JournalEntry[]>;
}

const allowed: Readonly<Record<JournalState, readonly JournalState[]>> = {
  intended: ['intended', 'done', 'undone'],
  done: ['done', 'undone'],
  undone: ['undone'],
};

export interface JournalOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly applianceId: string;
}

/**
 * Open entries are few and live in memory as well; writes go out one after the other,
 * because two puts that overlap may land in either order.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { store, clock, ids, applianceId } = options;
  const openEntries = openTable(store, 'journal', journalEntrySchema);
  const undone = openTable(store, 'journal-history', journalEntrySchema);
  const undoneIds = openTable(store, 'journal-history-ids', z.string());
  const current = new Map((await openEntries.values()).map((entry) => [entry.id, entry]));
  await dropOldHistory();

  let last: Promise<unknown> = Promise.resolve();
  const inOrder = <T>(action: () => Promise<T>): Promise<T> => {
    const next = last.then(action, action);
    last = next.catch(() => undefined);
    return next;
  };

  async function dropOldHistory(): Promise<void> {
    const from = joinKey(newestFirst(clock.now() - historyMs));
    const old = await undone.values({ gte: from });
    const keys = await undone.keys({ gte: from });
    if (keys.length === 0) return;
    await store.write([
      ...keys.map((key) => undone.remove(key)),
      ...old.map((entry) => undoneIds.remove(entry.id)),
    ]);
  }

  return {
    intend: (entry) =>
      inOrder(async () => {
        const id = ids.next();
        const now = clock.now();
        // `detail` belongs to `kind` by the signature; the compiler cannot carry that through the union.
        const full = {
          ...entry,
          id,
          marker: `coldframe:${applianceId}:${id}`,
          state: 'intended',
          createdAtMs: now,
          updatedAtMs: now,
        } as JournalEntry;
        await store.write([openEntries.set(id, full)]);
        current.set(id, full);
        return full;
      }),
    mark: (id, state, note) =>
      inOrder(async () => {
        const entry = current.get(id);
        if (entry === undefined) {
          if (state === 'undone' && (await undoneIds.get(id)) !== undefined) return;
          throw new ColdframeError('not-found', `The journal has no open entry ${id}.`);
        }
        if (!allowed[entry.state].includes(state))
          throw new ColdframeError(
            'internal',
            `Journal entry ${id} cannot go from ${entry.state} to ${state}.`,
          );
        const { lastFailure: _, ...rest } = entry;
        const updated = {
          ...rest,
          state,
          updatedAtMs: clock.now(),
          ...(typeof note === 'string' ? { lastFailure: note } : {}),
          ...(typeof note === 'object' ? { detail: { ...rest.detail, ...note } } : {}),
        } as JournalEntry; // only an attach is noted with device keys
        if (state === 'undone') {
          const key = joinKey(newestFirst(updated.updatedAtMs), id);
          await store.write([
            openEntries.remove(id),
            undone.set(key, updated),
            undoneIds.set(id, key),
          ]);
          current.delete(id);
        } else {
          await store.write([openEntries.set(id, updated)]);
          current.set(id, updated);
        }
      }),
    open: () =>
      inOrder(() =>
        Promise.resolve([...current.values()].toSorted((a, b) => a.createdAtMs - b.createdAtMs)),
      ),
    history: (limit) => undone.values({ limit }),
  };
}
