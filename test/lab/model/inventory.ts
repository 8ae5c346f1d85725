import { EventEmitter } from 'node:events';
import { isA } from '../schema/table.ts';
import { VimFault } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';
import { ref, refKey } from '../soap/values.ts';

/** A managed object: its reference and its properties, read when asked for. */
export interface ManagedObject {
  readonly ref: Ref;
  readonly read: Readonly<Record<string, () => unknown>>;
}

/** Every managed object that all connections see. Emits 'change' whenever a property may have changed. */
export class Inventory {
  readonly #objects = new Map<string, ManagedObject>();
  readonly #events = new EventEmitter();
  readonly #counters = new Map<string, number>();

  constructor() {
    this.#events.setMaxListeners(0);
  }

  add(object: ManagedObject): void {
    this.#objects.set(refKey(object.ref), object);
    this.changed();
  }

  remove(which: Ref): void {
    this.#objects.delete(refKey(which));
    this.changed();
  }

  find(which: Ref): ManagedObject | undefined {
    return this.#objects.get(refKey(which));
  }

  get(which: Ref): ManagedObject {
    const found = this.find(which);
    if (found === undefined) throw notFound(which);
    return found;
  }

  *ofType(type: string): Generator<ManagedObject> {
    for (const object of this.#objects.values()) if (isA(object.ref.type, type)) yield object;
  }

  /** A new reference such as vm-1012. */
  nextRef(type: string, prefix: string): Ref {
    const number = (this.#counters.get(prefix) ?? 1000) + 1;
    this.#counters.set(prefix, number);
    return ref(type, `${prefix}-${number}`);
  }

  changed(): void {
    this.#events.emit('change');
  }

  /** Resolves at the next change, or when the signal aborts. */
  async nextChange(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#events.off('change', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#events.on('change', done);
      signal.addEventListener('abort', done);
    });
  }
}

export function notFound(which: Ref): VimFault {
  return new VimFault(
    'ManagedObjectNotFound',
    `The object '${which.type}:${which.value}' has already been deleted or has not been completely created`,
    { obj: which },
  );
}
