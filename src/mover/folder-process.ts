import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Clock } from '#core/clock.ts';
import { ColdframeError, fromErrorRecord, type ErrorRecord } from '#core/error.ts';

import type { FolderAnswer, FolderCall, FolderInput } from './folder-handlers.ts';

export interface FolderRequest {
  readonly id: number;
  readonly call: FolderCall;
  readonly input: unknown;
}

export interface FolderReply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: ErrorRecord;
}

export interface FolderProcessOptions {
  /** For people, in errors. */
  readonly root: string;
  readonly clock: Clock;
  /** Tests pass another. */
  readonly program?: string;
}

export interface CallLimits {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

const defaultProgram = fileURLToPath(new URL('folder-main.ts', import.meta.url));

/** Far more than a process needs that can be killed. */
const dyingMs = 5000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One child that looks at one folder, for many calls. A call that is given up leaves a thread of the child
 * waiting, so from then on the child takes no more calls and is killed once the others have ended.
 */
export class FolderProcess implements Disposable {
  readonly #options: FolderProcessOptions;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #retired = false;
  #gone = false;
  #killedAtMs: number | undefined;

  constructor(options: FolderProcessOptions) {
    this.#options = options;
    const compileCache = process.env['NODE_COMPILE_CACHE'];
    this.#child = fork(options.program ?? defaultProgram, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C.UTF-8',
        ...(compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache }),
      },
      execArgv: [],
    });
    this.#child.on('message', (message) => this.#onReply(message as FolderReply));
    // After 'exit' answers may still be under way; 'disconnect' comes behind the last of them.
    const exited = once(this.#child, 'exit');
    this.#child.once('disconnect', () => void exited.then(() => this.#onEnd()));
    this.#child.once('error', (cause) => this.#onEnd(cause));
    // It keeps nobody alive: the service ends when its own work has.
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** Takes new calls. */
  get usable(): boolean {
    return !this.#retired && !this.#gone;
  }

  /** Killed a while ago, and still there: its calls cannot even be interrupted. */
  get stuck(): boolean {
    const { exitCode, signalCode } = this.#child;
    if (this.#killedAtMs === undefined || exitCode !== null || signalCode !== null) return false;
    return this.#options.clock.now() - this.#killedAtMs > dyingMs;
  }

  async call<C extends FolderCall>(
    call: C,
    input: FolderInput<C>,
    { deadlineMs, signal }: CallLimits,
  ): Promise<FolderAnswer<C>> {
    signal?.throwIfAborted();
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    const answered = new AbortController();
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    void this.#options.clock.sleep(deadlineMs, answered.signal).then(
      () => reject(this.#silent(deadlineMs)),
      () => undefined, // answered in time
    );
    this.#hold();
    const request: FolderRequest = { id, call, input };
    this.#child.send(request, (error) => {
      if (error !== null) reject(this.#died(error));
    });
    try {
      return (await promise) as FolderAnswer<C>;
    } finally {
      answered.abort();
      signal?.removeEventListener('abort', onAbort);
      // Still listed: nobody answered.
      if (this.#waiting.delete(id)) this.#retired = true;
      this.#letGo();
    }
  }

  [Symbol.dispose](): void {
    this.#retired = true;
    this.#kill();
  }

  #onReply({ id, value, error }: FolderReply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(fromErrorRecord(error));
  }

  #onEnd(cause?: Error): void {
    this.#gone = true;
    for (const { reject } of this.#waiting.values()) reject(this.#died(cause));
    this.#waiting.clear();
  }

  /** While somebody waits for an answer, the program that waits does not end. */
  #hold(): void {
    this.#child.ref();
    this.#child.channel?.ref();
  }

  #letGo(): void {
    if (this.#waiting.size > 0) return;
    this.#child.unref();
    this.#child.channel?.unref();
    if (this.#retired) this.#kill();
  }

  #kill(): void {
    this.#killedAtMs ??= this.#options.clock.now();
    this.#child.kill('SIGKILL');
  }

  #silent(deadlineMs: number): ColdframeError {
    return new ColdframeError(
      'repository',
      `The storage at ${this.#options.root} did not answer within ${Math.round(deadlineMs / 1000)} seconds. Check the file server and the network to it; coldframe goes on by itself when it answers again.`,
    );
  }

  #died(cause?: Error): ColdframeError {
    const { exitCode, signalCode } = this.#child;
    const how = signalCode !== null ? ` by ${signalCode}` : ` with code ${exitCode ?? 'unknown'}`;
    return new ColdframeError(
      'process-died',
      `The process that looks at ${this.#options.root} has ended${how}. Try again; its last words are in the log.`,
      cause === undefined ? {} : { cause },
    );
  }
}
