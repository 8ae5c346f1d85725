import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { Moref } from '#core/vm.ts';
import type { Connection } from './connection.ts';
import { cancelled } from '#core/deadline.ts';
import { backOffMs } from './repeat.ts';
import type { SoapChannel } from './soap-channel.ts';
import { at, listAt, morefAt, required, textAt, type VimValue, morefOf } from './value.ts';
import { isAboutTask, isFinal, namesTask, notHeardOf, taskForgotten } from './watch-errors.ts';

const maxWaitSeconds = 30;
const waitDeadlineMs = (maxWaitSeconds + 30) * 1000;
/** So long the watch may fail, again and again, before the task's end is given up as unknown. */
const maxSilenceMs = 10 * 60_000;
const taskPaths = ['info.state', 'info.progress', 'info.error', 'info.result'];

export interface TaskWait {
  readonly signal: AbortSignal;
  readonly onProgress?: (percent: number) => void;
  /** Ask the server to cancel the vim task when the signal fires; it may refuse. */
  readonly cancelOnAbort?: boolean;
}

export interface TaskEnd {
  readonly state: 'success' | 'error';
  readonly result: VimValue | undefined;
  /** LocalizedMethodFault. */
  readonly error: VimValue | undefined;
}

interface Collector {
  readonly moref: Moref;
  /** The login that it lives in. */
  readonly epoch: number;
  version: string;
}

interface Waiting {
  readonly task: Moref;
  readonly info: Map<string, VimValue>;
  readonly onProgress: ((percent: number) => void) | undefined;
  readonly end: PromiseWithResolvers<TaskEnd>;
  readonly sinceMs: number;
  /** The collector on which its filter is, or is being made. */
  collector: Moref | undefined;
  filter: Moref | undefined;
}

/**
 * Watches all vim tasks of one connection with one property collector and one
 * WaitForUpdatesEx loop on sockets of its own: concurrent waits in one login disturb each
 * other. After any failure the collector is made anew and starts from the
 * beginning, so that no update is lost with an answer.
 */
export class TaskWatcher implements AsyncDisposable {
  readonly #connection: Connection;
  /** Several may wait for one task. */
  readonly #waits = new Set<Waiting>();
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #channel: SoapChannel | undefined;
  #collector: Collector | undefined;
  #loop: Promise<void> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Resolves when the task has ended, well or not. Throws `not-found` when vSphere
   * has forgotten the task, `unreachable` when nothing was heard for ten minutes though it
   * was asked, `cancelled` on the signal; the task itself may go on.
   */
  async wait(
    task: Moref,
    { signal, onProgress, cancelOnAbort = false }: TaskWait,
  ): Promise<TaskEnd> {
    if (signal.aborted) throw cancelled(`Waiting for ${task.value}`, signal);
    const waiting: Waiting = {
      task,
      info: new Map(),
      onProgress,
      end: Promise.withResolvers(),
      sinceMs: this.#connection.clock.now(),
      collector: undefined,
      filter: undefined,
    };
    const onAbort = (): void => {
      if (cancelOnAbort) this.#cancel(task);
      waiting.end.reject(cancelled(`Waiting for ${task.value}`, signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waits.add(waiting);
    this.#start(waiting);
    try {
      return await waiting.end.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#waits.delete(waiting);
      this.#dropFilter(waiting);
    }
  }

  #start(waiting: Waiting): void {
    this.#loop ??= this.#run();
    // A loop that is blocked in a wait sees the new filter's first update there.
    const collector = this.#collector?.moref;
    if (collector !== undefined) this.#watch(waiting, collector).catch(() => this.#wake.abort()); // the loop makes it anew
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { clock, log } = this.#connection;
    let failures = 0;
    let heardMs = clock.now();
    while (this.#waits.size > 0 && !signal.aborted) {
      try {
        const collector = await this.#usableCollector();
        for (const waiting of this.#waits) await this.#watch(waiting, collector.moref);
        await this.#waitOnce(collector);
        failures = 0;
        heardMs = clock.now();
      } catch (error) {
        if (signal.aborted) break;
        await this.#dropCollector();
        if (isFinal(error)) this.#failAll(error);
        else {
          log.info('Watching vim tasks was interrupted; starting again.', {
            error: toErrorRecord(error),
          });
          this.#giveUp(heardMs, error);
          await clock.sleep(backOffMs(failures++), signal).catch(() => undefined); // the loop ends
        }
        this.#wake = new AbortController();
      }
    }
    this.#loop = undefined;
  }

  async #usableCollector(): Promise<Collector> {
    const { epoch } = this.#connection;
    if (this.#collector !== undefined && this.#collector.epoch === epoch) return this.#collector;
    this.#channel ??= await this.#connection.openChannel(1);
    const made = await this.#connection.call(
      'CreatePropertyCollector',
      { _this: this.#connection.service('propertyCollector') },
      { signal: this.#stop.signal },
    );
    this.#collector = {
      moref: required(morefOf(made), 'property collector'),
      epoch: this.#connection.epoch,
      version: '',
    };
    return this.#collector;
  }

  /** Puts the task's filter on the collector, once. */
  async #watch(waiting: Waiting, collector: Moref): Promise<void> {
    if (waiting.collector === collector) return;
    waiting.collector = collector;
    waiting.filter = undefined;
    try {
      const spec = {
        propSet: [{ type: 'Task', pathSet: taskPaths }],
        objectSet: [{ obj: waiting.task }],
      };
      const filter = await this.#connection.call(
        'CreateFilter',
        { _this: collector, spec, partialUpdates: false },
        { signal: this.#stop.signal },
      );
      waiting.filter = morefOf(filter);
      if (!this.#waits.has(waiting)) this.#dropFilter(waiting);
    } catch (error) {
      if (namesTask(error, waiting.task))
        return waiting.end.reject(taskForgotten(waiting.task, error));
      if (isAboutTask(error)) return waiting.end.reject(error);
      if (waiting.collector === collector) waiting.collector = undefined;
      throw error;
    }
  }

  async #waitOnce(collector: Collector): Promise<void> {
    const { value: update } = await this.#connection.onChannel(
      required(this.#channel, 'channel'),
      'WaitForUpdatesEx',
      { _this: collector.moref, version: collector.version, options: { maxWaitSeconds } },
      {
        signal: AbortSignal.any([this.#stop.signal, this.#wake.signal]),
        deadlineMs: waitDeadlineMs,
      },
    );
    if (update === undefined) return; // nothing changed within maxWaitSeconds
    collector.version = required(textAt(update, 'version'), 'update version');
    for (const filter of listAt(update, 'filterSet')) {
      for (const object of listAt(filter, 'objectSet')) this.#apply(object);
      for (const missing of listAt(filter, 'missingSet')) this.#forget(morefAt(missing, 'obj'));
    }
  }

  #apply(object: VimValue): void {
    const task = morefAt(object, 'obj');
    if (textAt(object, 'kind') === 'leave') return this.#forget(task);
    for (const waiting of this.#waitsFor(task)) report(waiting, listAt(object, 'changeSet'));
  }

  #forget(task: Moref | undefined): void {
    for (const waiting of this.#waitsFor(task)) waiting.end.reject(taskForgotten(waiting.task));
  }

  #waitsFor(task: Moref | undefined): readonly Waiting[] {
    return [...this.#waits].filter((waiting) => waiting.task.value === task?.value);
  }

  /** Nobody waits for ever on a server that keeps answering badly. */
  #giveUp(heardMs: number, cause: unknown): void {
    const limitMs = this.#connection.clock.now() - maxSilenceMs;
    for (const waiting of this.#waits)
      if (Math.max(heardMs, waiting.sinceMs) <= limitMs)
        waiting.end.reject(notHeardOf(waiting.task, maxSilenceMs, cause));
  }

  #failAll(error: unknown): void {
    for (const waiting of this.#waits) waiting.end.reject(error);
    this.#waits.clear();
  }

  #dropFilter(waiting: Waiting): void {
    if (waiting.filter === undefined || this.#stop.signal.aborted) return;
    // Nobody waits for it: a filter that stays costs little and ends with its collector.
    void this.#connection
      .cleanUp('DestroyPropertyFilter', { _this: waiting.filter })
      .catch(() => undefined);
    waiting.filter = undefined;
  }

  async #dropCollector(): Promise<void> {
    const collector = this.#collector;
    this.#collector = undefined;
    for (const waiting of this.#waits) waiting.collector = undefined;
    if (collector === undefined || collector.epoch !== this.#connection.epoch) return;
    await this.#connection
      .cleanUp('DestroyPropertyCollector', { _this: collector.moref })
      .catch(() => undefined); // it ends with the login
  }

  #cancel(task: Moref): void {
    // Nobody waits for it: whether the task could be stopped shows in its effect.
    void this.#connection.cleanUp('CancelTask', { _this: task }).catch((error: unknown) => {
      this.#connection.log.info(`The vim task ${task.value} was not cancelled.`, {
        error: toErrorRecord(error),
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#failAll(new ColdframeError('cancelled', 'The connection is being closed.'));
    await this.#loop;
    await this.#dropCollector();
    this.#channel?.close();
  }
}

function report(waiting: Waiting, changes: readonly VimValue[]): void {
  const { info } = waiting;
  for (const change of changes) {
    const value = at(change, 'val');
    if (value !== undefined) info.set(textAt(change, 'name') ?? '', value);
  }
  const progress = info.get('info.progress');
  if (typeof progress === 'number') waiting.onProgress?.(progress);
  const state = info.get('info.state');
  if (state !== 'success' && state !== 'error') return;
  waiting.end.resolve({ state, result: info.get('info.result'), error: info.get('info.error') });
}
