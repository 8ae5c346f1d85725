import { withDeadline } from '#core/deadline.ts';
import { ColdframeError } from '#core/error.ts';
import type { JournalDetails, JournalEntry, JournalKind, JournalNote } from '#core/journal.ts';

import type { EngineContext } from './ports.ts';
import { undo } from './undo.ts';
import { undoLimitMs } from './undo-limit.ts';
import type { UndoSources } from './undo-tools.ts';

/** After these the call may have been carried out all the same. */
const uncertainCodes = new Set(['unreachable', 'timeout', 'cancelled', 'process-died', 'internal']);

export interface EffectsOptions {
  readonly taskId: string;
  readonly endpointId: string;
  readonly sources: UndoSources;
}

interface Open {
  readonly entry: JournalEntry;
  /** The outcome of the call is unknown: its effect may still show up. */
  uncertain: boolean;
}

/**
 * The side effects of one task, newest last. Each is in the journal before it happens, and what
 * was not kept is undone in reverse order at the end, whatever else went wrong. Undo never
 * throws: what it cannot do stays in the journal for `recover`, and is told as a warning.
 */
export class Effects implements AsyncDisposable {
  readonly #context: EngineContext;
  readonly #options: EffectsOptions;
  readonly #open: Open[] = [];
  readonly #remains: string[] = [];

  constructor(context: EngineContext, options: EffectsOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Sentences about what could not be undone. */
  get remains(): readonly string[] {
    return this.#remains;
  }

  /** A scope for one attempt: undone on its own, reported here. */
  nested(): Effects {
    return new Effects(this.#context, this.#options);
  }

  /** Writes the intent, makes the change, and writes that it was made, with what `act` notes of it. */
  async make<K extends JournalKind, T>(
    kind: K,
    detail: JournalDetails[K],
    act: (entry: JournalEntry, note: (made: JournalNote) => void) => Promise<T>,
  ): Promise<T> {
    const { taskId, endpointId } = this.#options;
    const entry = await this.#context.journal.intend({ taskId, kind, endpointId, detail });
    const open: Open = { entry, uncertain: true };
    this.#open.push(open);
    try {
      let noted: JournalNote | undefined;
      const result = await act(entry, (made) => (noted = made));
      open.uncertain = false;
      await this.#markDone(entry, noted);
      return result;
    } catch (error) {
      open.uncertain = !(error instanceof ColdframeError) || uncertainCodes.has(error.code);
      throw error;
    }
  }

  /** The effect is there and the entry open, whatever happens here: nothing is to fail for this. */
  async #markDone({ id, kind }: JournalEntry, noted: JournalNote | undefined): Promise<void> {
    try {
      await this.#context.journal.mark(id, 'done', noted);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const text = `The journal could not note that "${kind}" was done: ${reason}`;
      this.#context.log.warn(text, { journalEntry: id });
      this.#remains.push(text);
    }
  }

  /** Closes an effect that is meant to stay, or that has ended by itself. */
  async keep(kind: JournalKind): Promise<void> {
    for (const open of this.#open.filter((each) => each.entry.kind === kind)) {
      await this.#context.journal.mark(open.entry.id, 'undone');
      this.#open.splice(this.#open.indexOf(open), 1);
    }
  }

  /** Leaves an effect open in the journal, for `recover` to deal with. */
  leaveOpen(kind: JournalKind): void {
    for (const open of this.#open.filter((each) => each.entry.kind === kind))
      this.#open.splice(this.#open.indexOf(open), 1);
  }

  /** Undoes the effects of one kind now; they have been of no use. */
  async undoKind(kind: JournalKind): Promise<void> {
    for (const open of this.#open.filter((each) => each.entry.kind === kind).toReversed()) {
      this.#open.splice(this.#open.indexOf(open), 1);
      await this.#undo(open);
    }
  }

  /** Takes over what another scope could not undo. */
  adopt(other: Effects): void {
    this.#remains.push(...other.#remains.splice(0));
  }

  async undoAll(): Promise<void> {
    for (let open = this.#open.pop(); open !== undefined; open = this.#open.pop())
      await this.#undo(open);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.undoAll();
  }

  async #undo({ entry, uncertain }: Open): Promise<void> {
    const { clock, log } = this.#context;
    const tools = { context: this.#context, sources: this.#options.sources };
    try {
      await withDeadline(
        clock,
        { ms: undoLimitMs(entry.kind), what: `Undoing "${entry.kind}"` },
        (signal) => undo(entry, tools, { signal, uncertain }),
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn(`Could not undo "${entry.kind}" yet: ${reason}`, { journalEntry: entry.id });
      this.#remains.push(`${reason} (journal entry ${entry.id}; it is tried again)`);
    }
  }
}
