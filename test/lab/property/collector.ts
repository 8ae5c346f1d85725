import type { Inventory, ManagedObject } from '../model/inventory.ts';
import { fingerprint } from '../soap/encode.ts';
import { invalidArgument, VimFault } from '../soap/fault.ts';
import type { Ref, Typed } from '../soap/values.ts';
import { refKey } from '../soap/values.ts';
import type { Content, ReadGuard } from './content.ts';
import { missingSet, objectContent, readContent } from './content.ts';
import type { FilterSpec, Lookup } from './select.ts';
import { checkSpec, selectObjects } from './select.ts';

export interface CollectorContext {
  readonly inventory: Inventory;
  readonly lookup: Lookup;
  readonly guard: ReadGuard;
  /** Most object updates in one answer, whatever the client says. */
  readonly pageLimit: number;
}

interface Filter {
  readonly ref: Ref;
  readonly spec: FilterSpec;
  /** What the client has been told: per object, per path, the value's fingerprint. */
  readonly told: Map<string, { ref: Ref; values: Map<string, string> }>;
  /** What a truncated answer has not come to yet; the next one goes on there. */
  rest: Pass | undefined;
}

/** One look at all that a filter selects: objects to compare, and those told of that were not met. */
interface Pass {
  readonly objects: ManagedObject[];
  readonly gone: Set<string>;
}

interface UpdateSet {
  readonly version: string;
  readonly filterSet: object[];
  readonly truncated: boolean | undefined;
}

/** One PropertyCollector of one connection: one-off retrieval in pages, and filters with updates. */
export class Collector {
  readonly #context: CollectorContext;
  readonly #filters = new Map<string, Filter>();
  readonly #pages = new Map<string, ManagedObjectPage>();
  readonly #stop = new AbortController();
  #cancel = new AbortController();
  #version = 0;
  /** The last answer, given again to a client that asks with the version before it. */
  #last: { from: string; set: UpdateSet } | undefined;
  #nextToken = 1;

  constructor(context: CollectorContext) {
    this.#context = context;
  }

  retrieve(specs: readonly FilterSpec[], maxObjects: number | undefined): object | undefined {
    if (maxObjects !== undefined && maxObjects < 1) throw invalidArgument('options.maxObjects');
    const objects: ManagedObjectPage = [];
    for (const spec of specs) {
      checkSpec(spec);
      for (const object of selectObjects(spec, this.#context.lookup))
        objects.push({ spec, object });
    }
    return this.#page(
      objects,
      Math.min(maxObjects ?? this.#context.pageLimit, this.#context.pageLimit),
    );
  }

  continueRetrieve(token: string): object {
    const rest = this.#pages.get(token);
    if (rest === undefined) throw invalidArgument('token');
    this.#pages.delete(token);
    return this.#page(rest, Number(token.split(':')[1])) ?? { objects: [] };
  }

  cancelRetrieve(token: string): void {
    if (!this.#pages.delete(token)) throw invalidArgument('token');
  }

  #page(all: ManagedObjectPage, size: number): object | undefined {
    if (all.length === 0) return undefined;
    const objects = all
      .slice(0, size)
      .map(({ spec, object }) =>
        objectContent(object.ref, readContent(spec, object, this.#context.guard)),
      );
    if (all.length <= size) return { objects };
    const token = `${this.#nextToken++}:${size}`;
    this.#pages.set(token, all.slice(size));
    return { token, objects };
  }

  addFilter(ref: Ref, spec: FilterSpec): void {
    checkSpec(spec);
    selectObjects(spec, this.#context.lookup);
    this.#filters.set(ref.value, { ref, spec, told: new Map(), rest: undefined });
    this.#context.inventory.changed();
  }

  /** False when this collector has no such filter. */
  removeFilter(ref: Ref): boolean {
    return this.#filters.delete(ref.value);
  }

  get filters(): Ref[] {
    return [...this.#filters.values()].map((filter) => filter.ref);
  }

  cancelWaits(): void {
    this.#cancel.abort();
    this.#cancel = new AbortController();
  }

  /** Ends everything; waits end with RequestCanceled. */
  close(): void {
    this.#stop.abort();
  }

  /** Blocks until something that a filter watches changes; undefined when the time is over. */
  async wait(version: string, options: WaitOptions): Promise<UpdateSet | undefined> {
    const replay = this.#begin(version);
    if (replay !== undefined) return replay;
    const timer = new AbortController();
    const seconds = options.maxWaitSeconds;
    const handle =
      seconds === undefined ? undefined : setTimeout(() => timer.abort(), seconds * 1000);
    const cancelled = AbortSignal.any([this.#stop.signal, this.#cancel.signal]);
    try {
      for (;;) {
        const set = this.#collect(version, options.maxObjectUpdates);
        if (set !== undefined) return set;
        if (cancelled.aborted) throw new VimFault('RequestCanceled', 'The operation was canceled.');
        if (timer.signal.aborted || seconds === 0) return undefined;
        await this.#context.inventory.nextChange(AbortSignal.any([timer.signal, cancelled]));
      }
    } finally {
      clearTimeout(handle);
    }
  }

  #begin(version: string): UpdateSet | undefined {
    if (version === '') {
      for (const filter of this.#filters.values()) {
        filter.told.clear();
        filter.rest = undefined;
      }
      this.#last = undefined;
      return undefined;
    }
    if (version === String(this.#version)) return undefined;
    if (this.#last?.from === version) return this.#last.set;
    throw new VimFault('InvalidCollectorVersion', `Version ${version} is not known.`);
  }

  #collect(from: string, asked: number | undefined): UpdateSet | undefined {
    let room = Math.min(asked ?? this.#context.pageLimit, this.#context.pageLimit);
    let truncated = false;
    const filterSet: object[] = [];
    for (const filter of this.#filters.values()) {
      const { updates, more } = this.#updatesOf(filter, room);
      room -= updates.length;
      if (updates.length > 0) filterSet.push({ filter: filter.ref, objectSet: updates });
      truncated ||= more;
    }
    if (filterSet.length === 0) return undefined;
    this.#version++;
    const set = {
      version: String(this.#version),
      filterSet,
      truncated: truncated ? true : undefined,
    };
    this.#last = { from, set };
    return set;
  }

  /** Differences between what was told and what is; at most `room`, which are then told. */
  #updatesOf(filter: Filter, room: number): { updates: object[]; more: boolean } {
    const updates: object[] = [];
    const pass = filter.rest ?? {
      objects: this.#selected(filter).reverse(),
      gone: new Set(filter.told.keys()),
    };
    filter.rest = pass;
    for (let object = pass.objects.at(-1); object !== undefined; object = pass.objects.at(-1)) {
      const update = this.#updateOf(filter, object);
      if (update !== undefined && updates.length >= room) return { updates, more: true };
      pass.objects.pop();
      pass.gone.delete(refKey(object.ref));
      if (update === undefined) continue;
      filter.told.set(refKey(object.ref), { ref: object.ref, values: update.values });
      updates.push(update.said);
    }
    for (const key of pass.gone) {
      if (updates.length >= room) return { updates, more: true };
      updates.push({ kind: 'leave', obj: filter.told.get(key)!.ref });
      filter.told.delete(key);
      pass.gone.delete(key);
    }
    filter.rest = undefined;
    return { updates, more: false };
  }

  #updateOf(
    filter: Filter,
    object: ManagedObject,
  ): { readonly said: object; readonly values: Map<string, string> } | undefined {
    const content = readContent(filter.spec, object, this.#context.guard);
    const before = filter.told.get(refKey(object.ref));
    const changeSet = changes(before?.values, content);
    if (before !== undefined && changeSet.length === 0) return undefined;
    const kind = before === undefined ? 'enter' : 'modify';
    return {
      said: { kind, obj: object.ref, changeSet, missingSet: missingSet(content) },
      values: new Map([...content.values].map(([path, value]) => [path, fingerprint(value)])),
    };
  }

  /** A filter whose start object is gone selects nothing any more. */
  #selected(filter: Filter): ManagedObject[] {
    try {
      return selectObjects(filter.spec, this.#context.lookup);
    } catch (thrown) {
      if (thrown instanceof VimFault && thrown.type === 'ManagedObjectNotFound') return [];
      throw thrown;
    }
  }
}

type ManagedObjectPage = { spec: FilterSpec; object: ManagedObject }[];

export interface WaitOptions {
  readonly maxWaitSeconds?: number;
  readonly maxObjectUpdates?: number;
}

function changes(before: ReadonlyMap<string, string> | undefined, content: Content): object[] {
  const out: { name: string; op: string; val?: Typed }[] = [];
  for (const [name, val] of content.values)
    if (before?.get(name) !== fingerprint(val)) out.push({ name, op: 'assign', val });
  for (const name of before?.keys() ?? [])
    if (!content.values.has(name))
      out.push({ name, op: name.includes('.') ? 'indirectRemove' : 'assign' });
  return out;
}
