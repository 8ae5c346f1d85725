import { VimFault } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';
import type { Inventory } from './inventory.ts';

export type TaskFault =
  | { readonly kind: 'error'; readonly fault: VimFault; readonly afterEffect: boolean }
  | { readonly kind: 'never-ends' }
  | { readonly kind: 'slow'; readonly ms: number };

export interface TaskOrder {
  /** "VirtualMachine.createSnapshot" and the like. */
  readonly descriptionId: string;
  readonly name: string;
  readonly entity: Ref;
  readonly entityName: string;
  readonly userName: string;
  readonly cancelable: boolean;
  readonly fault: TaskFault | undefined;
  /** Does the work between queued and done; reports percent. */
  readonly work: (progress: (percent: number) => void) => Promise<unknown>;
  readonly onEnd?: () => void;
}

type State = 'queued' | 'running' | 'success' | 'error';

/** vim tasks: asynchronous, with progress, kept until the table is full. */
export class TaskTable {
  readonly #inventory: Inventory;
  readonly #durationMs: number;
  readonly #running = new Map<string, Promise<void>>();
  readonly #underWay = new Set<VimTask>();
  readonly #recent: Ref[] = [];
  readonly #stop = new AbortController();
  readonly #cancels = new Map<string, () => void>();

  constructor(inventory: Inventory, durationMs: number) {
    this.#inventory = inventory;
    this.#durationMs = durationMs;
  }

  get recent(): readonly Ref[] {
    return this.#recent.slice(-20);
  }

  /** References of tasks that have not ended. */
  get open(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** The same with what they do and how far they are. */
  get underWay(): readonly { readonly name: string; readonly state: string }[] {
    return [...this.#underWay].map(({ name, state }) => ({ name, state }));
  }

  /** Starts a vim task and returns its reference at once. */
  start(order: TaskOrder): Ref {
    const self = this.#inventory.nextRef('Task', 'task');
    const task = new VimTask(self, order);
    this.#inventory.add({ ref: self, read: { info: () => task.info() } });
    this.#recent.push(self);
    if (this.#recent.length > 500) this.#inventory.remove(this.#recent.shift()!);
    this.#underWay.add(task);
    const done = this.#run(task, order).finally(() => {
      this.#underWay.delete(task);
      this.#running.delete(self.value);
      this.#cancels.delete(self.value);
    });
    this.#running.set(self.value, done);
    return self;
  }

  cancel(task: Ref): void {
    this.#inventory.get(task);
    this.#cancels.get(task.value)?.();
  }

  /** Ends tasks that would never end and waits for the others. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  async #run(task: VimTask, order: TaskOrder): Promise<void> {
    const cancelled = new AbortController();
    if (order.cancelable || order.fault?.kind === 'never-ends')
      this.#cancels.set(task.self.value, () => {
        task.cancelled = true;
        cancelled.abort();
      });
    const halt = AbortSignal.any([cancelled.signal, this.#stop.signal]);
    const durationMs = order.fault?.kind === 'slow' ? order.fault.ms : this.#durationMs;
    const step = async (state: State, progress?: number): Promise<void> => {
      task.advance(state, progress);
      this.#inventory.changed();
      if (durationMs > 0) await pause(durationMs / 3, halt);
    };
    try {
      await step('queued');
      await step('running', 5);
      if (order.fault?.kind === 'never-ends') await pause(undefined, halt);
      if (task.cancelled) throw new VimFault('RequestCanceled', 'The task was canceled by a user.');
      const failure = order.fault?.kind === 'error' ? order.fault : undefined;
      if (failure?.afterEffect === false) throw failure.fault;
      task.result = await order.work((percent) => {
        task.advance('running', percent);
        this.#inventory.changed();
      });
      if (failure !== undefined) throw failure.fault;
      await step('running', 95);
      task.advance('success');
    } catch (thrown) {
      task.fail(thrown);
    }
    order.onEnd?.();
    this.#inventory.changed();
  }
}

class VimTask {
  readonly self: Ref;
  readonly #order: TaskOrder;
  readonly #queuedAt = new Date().toISOString();
  #startedAt: string | undefined;
  #endedAt: string | undefined;
  #state: State = 'queued';
  #progress: number | undefined;
  #error: object | undefined;
  cancelled = false;
  result: unknown;

  constructor(self: Ref, order: TaskOrder) {
    this.self = self;
    this.#order = order;
  }

  get name(): string {
    return this.#order.name;
  }

  get state(): State {
    return this.#state;
  }

  advance(state: State, progress?: number): void {
    this.#state = state;
    this.#progress = progress;
    if (state !== 'queued') this.#startedAt ??= new Date().toISOString();
    if (state === 'success' || state === 'error') this.#endedAt = new Date().toISOString();
  }

  fail(thrown: unknown): void {
    const fault =
      thrown instanceof VimFault
        ? thrown
        : new VimFault('SystemError', `The lab failed: ${String(thrown)}`, {
            reason: String(thrown),
          });
    this.#error = fault.localized();
    this.result = undefined;
    this.advance('error');
  }

  info(): object {
    return {
      key: this.self.value,
      task: this.self,
      name: this.#order.name,
      descriptionId: this.#order.descriptionId,
      entity: this.#order.entity,
      entityName: this.#order.entityName,
      state: this.#state,
      cancelled: this.cancelled,
      cancelable: this.#order.cancelable,
      error: this.#error,
      result: this.#state === 'success' ? this.result : undefined,
      progress: this.#state === 'running' ? this.#progress : undefined,
      reason: { $type: 'TaskReasonUser', userName: this.#order.userName },
      queueTime: this.#queuedAt,
      startTime: this.#startedAt,
      completeTime: this.#endedAt,
      eventChainId: 0,
    };
  }
}

/** Waits for the time, or for ever when there is none; ends early without error when told to. */
async function pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
