import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Clock } from '#core/clock.ts';
import { ColdframeError, fromErrorRecord } from '#core/error.ts';
import type { MoverOrder, MoverProgress, MoverResults } from '#core/mover-orders.ts';
import type { Secret } from '#core/secret.ts';

import { LogTail } from './log-tail.ts';
import { Watchdog } from './watchdog.ts';
import { packStart, unpackEvent, type MoverSettings } from './wire.ts';

export interface MoverOptions {
  readonly clock: Clock;
  readonly settings: MoverSettings;
  /** Keys of encrypted archives, for movers that read archives. */
  readonly identities?: () => Promise<readonly Secret[]>;
  /** The key that new archives are signed with; default none. */
  readonly signingKey?: (() => Promise<Secret>) | undefined;
  /** The child's environment; nothing else of ours reaches it. Default: a plain one, with VDDK's folder as HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** No sign of life for so long: the mover hangs; four times that until the first. Default 30 s. */
  readonly heartbeatMs?: number;
  /** No byte moved for so long: the disk or the repository hangs. Default 10 minutes. */
  readonly progressMs?: number;
  /** From SIGTERM to SIGKILL. Default 30 s. */
  readonly graceMs?: number;
  /** Program of the child; tests pass another. */
  readonly program?: string;
}

export interface MoverRun {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: MoverProgress) => void;
  readonly onLog?: (level: 'info' | 'warn' | 'error', message: string) => void;
  /** Told once the child runs. */
  readonly onStart?: (pid: number) => void;
}

export interface Mover {
  run<O extends MoverOrder>(order: O, options: MoverRun): Promise<MoverResults[O['kind']]>;
}

/** A killed process that waits for dirty pages of a dead file server stays for as long as the server is dead. */
const dyingMs = 10_000;

const defaultProgram = fileURLToPath(new URL('main.ts', import.meta.url));

/**
 * Runs orders, each in a process of its own. When it returns, the process has ended, or was killed and only waits
 * for a storage that does not answer; it runs no more of its program.
 */
export function createMover(options: MoverOptions): Mover {
  return {
    async run<O extends MoverOrder>(order: O, run: MoverRun): Promise<MoverResults[O['kind']]> {
      run.signal.throwIfAborted();
      const identities = readsArchives(order) ? await options.identities?.() : undefined;
      const signingKey = makesArchives(order) ? await options.signingKey?.() : undefined;
      const settings = {
        ...options.settings,
        ...(identities && { identities }),
        ...(signingKey && { signingKey }),
      };
      await using child = new MoverChild({ ...options, settings });
      const result = await child.carryOut(order, run);
      return result as MoverResults[O['kind']];
    },
  };
}

function makesArchives({ kind }: MoverOrder): boolean {
  return kind === 'backup' || kind === 'synthesize';
}

function readsArchives(order: MoverOrder): boolean {
  if (order.kind === 'backup') return order.auditAgainst !== undefined;
  return order.kind !== 'vddk-prepare' && order.kind !== 'vddk-cleanup';
}

class MoverChild implements AsyncDisposable {
  readonly #options: MoverOptions;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #tail = new LogTail();
  readonly #graceMs: number;

  constructor(options: MoverOptions) {
    this.#options = options;
    this.#graceMs = options.graceMs ?? 30_000;
    this.#process = fork(options.program ?? defaultProgram, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...(options.env ?? plainEnvironment(options.settings)) },
      execArgv: [],
    });
    // 'exit' never comes when the program could not be started; 'error' comes instead.
    this.#exited = Promise.race([once(this.#process, 'exit'), once(this.#process, 'error')]);
    this.#exited.catch(() => undefined);
  }

  async carryOut(
    order: MoverOrder,
    { signal, onProgress, onLog, onStart }: MoverRun,
  ): Promise<MoverResults[MoverOrder['kind']]> {
    const { clock, heartbeatMs = 30_000, progressMs = 600_000 } = this.#options;
    for (const stream of [this.#process.stdout, this.#process.stderr])
      if (stream !== null) this.#tail.follow(stream, (line) => onLog?.('info', line));

    const outcome = Promise.withResolvers<MoverResults[MoverOrder['kind']]>();
    outcome.promise.catch(() => undefined); // it may be settled before anybody waits for it
    // Its program is loaded before its first sign of life: on a busy machine that takes a while.
    let lifeMs = heartbeatMs * 4;
    const watch = (): Watchdog =>
      new Watchdog(clock, lifeMs, () =>
        outcome.reject(this.#hung(`gave no sign of life for ${seconds(lifeMs)}`)),
      );
    let life = watch();
    using _ = { [Symbol.dispose]: () => life[Symbol.dispose]() };
    using movement = new Watchdog(clock, progressMs, () =>
      outcome.reject(this.#hung(`moved no data for ${seconds(progressMs)}`)),
    );
    let lastDone = '';
    this.#process.on('message', (message) => {
      const event = unpackEvent(message);
      if (event === undefined) return;
      if (lifeMs > heartbeatMs) {
        lifeMs = heartbeatMs;
        life[Symbol.dispose]();
        life = watch();
      } else life.feed();
      switch (event.type) {
        case 'ready':
        case 'heartbeat':
          break;
        case 'progress': {
          const { label, phase, doneBytes } = event.progress;
          const done = `${label} ${phase} ${doneBytes}`;
          if (done !== lastDone) movement.feed();
          lastDone = done;
          onProgress?.(event.progress);
          break;
        }
        case 'log':
          this.#tail.add(event.message);
          onLog?.(event.level, event.message);
          break;
        case 'result':
          outcome.resolve(event.result);
          break;
        case 'failed':
          outcome.reject(fromErrorRecord(event.error));
          break;
        default:
          event satisfies never;
      }
    });
    // After 'exit' messages may still be under way; 'disconnect' comes behind the last of them.
    this.#process.once('disconnect', () => {
      const onExit = (): void => outcome.reject(this.#died());
      this.#exited.then(onExit, onExit);
    });
    this.#process.once('error', (cause) =>
      outcome.reject(
        new ColdframeError('process-died', 'The mover could not be started.', { cause }),
      ),
    );
    const onAbort = (): void => outcome.reject(asError(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.#process.send(packStart({ order, settings: this.#options.settings }), (error) => {
        if (error !== null) outcome.reject(this.#died(error));
      });
      if (this.#process.pid !== undefined) onStart?.(this.#process.pid);
      return await outcome.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** SIGTERM lets the mover remove its unfinished archive; SIGKILL ends what does not listen. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = new AbortController();
    const { clock } = this.#options;
    // A finished mover ends by itself within moments; asking again does no harm.
    if (this.#process.exitCode === null && this.#process.connected) this.#process.kill('SIGTERM');
    const killed = clock
      .sleep(this.#graceMs, timer.signal)
      .then(() => {
        this.#process.kill('SIGKILL');
        return clock.sleep(dyingMs, timer.signal);
      })
      .catch(() => undefined); // ended in time
    if (this.#process.exitCode === null && this.#process.signalCode === null)
      await Promise.race([this.#exited.catch(() => undefined), killed]);
    timer.abort();
    await killed;
  }

  #hung(what: string): ColdframeError {
    return new ColdframeError('process-died', `The mover ${what} and was ended.`, {
      details: { lastLines: this.#tail.lines() },
    });
  }

  #died(cause?: unknown): ColdframeError {
    const { exitCode, signalCode } = this.#process;
    const how =
      signalCode !== null ? ` by ${signalCode}` : exitCode !== null ? ` with code ${exitCode}` : '';
    const tail = this.#tail.lines();
    const last = tail.length === 0 ? '' : ` Its last words: ${tail.slice(-3).join(' | ')}`;
    return new ColdframeError('process-died', `The mover ended${how} without a result.${last}`, {
      details: { exitCode, signal: signalCode, lastLines: tail },
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

function plainEnvironment({ vddkStateDir }: MoverSettings): Record<string, string> {
  // With the service's compiled modules a mover starts in half the time.
  const compileCache = process.env['NODE_COMPILE_CACHE'];
  return {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: vddkStateDir,
    LC_ALL: 'C.UTF-8',
    ...(compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache }),
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} seconds`;
}

function asError(reason: unknown): ColdframeError {
  return reason instanceof ColdframeError
    ? reason
    : new ColdframeError('cancelled', 'The order was stopped.', { cause: reason });
}
