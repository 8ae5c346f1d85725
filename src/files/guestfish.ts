import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';

import type { Clock } from '#core/clock.ts';
import { withDeadline } from '#core/deadline.ts';
import { ColdframeError } from '#core/error.ts';

import { commandLine, type Word } from './guestfish-words.ts';

export interface GuestfishOptions {
  readonly clock: Clock;
  /** Names of NBD exports, in the order in which the guest had the disks, and the socket that serves them. */
  readonly exports: readonly string[];
  readonly socket: string;
  /** For its temporary files. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Default: guestfish, as it is found in PATH. */
  readonly program?: string;
}

interface Pending {
  readonly token: string;
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

/** A slow machine without virtualisation takes a minute. */
const launchMs = 300_000;
const commandMs = 120_000;
const endMs = 10_000;
/** Of the small VM: enough for the checks of large file systems. */
const memoryMiB = 768;
const maxAnswerBytes = 32 * 1024 * 1024;

/**
 * libguestfs with its own small VM, driven over guestfish's standard input. The disks are
 * read-only, and what file systems write on mounting goes into an overlay that is thrown away.
 * When this process dies, its end of the pipe closes, guestfish ends and takes its VM along.
 */
export class Guestfish implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #pending: Pending[] = [];
  readonly #clock: Clock;
  #text = Buffer.alloc(0);
  #gone: ColdframeError | undefined;

  private constructor(options: GuestfishOptions) {
    const { clock, exports, socket, folder, program = 'guestfish' } = options;
    this.#clock = clock;
    // Its own form of the address; it takes nbd+unix:// for a file's name.
    const disks = exports.flatMap((name) => [
      '--format=raw',
      '-a',
      `nbd:///${encodeURIComponent(name)}?socket=${socket}`,
    ]);
    // Errors come in line with answers, so that it is clear which command they belong to. A reader
    // who leaves in the middle of a transfer must end the transfer, not guestfish.
    const script = 'trap "" PIPE; exec "$0" "$@" 2>&1';
    this.#process = spawn('/bin/sh', ['-c', script, program, '--ro', ...disks], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: environment(folder),
    });
    this.#exited = Promise.race([once(this.#process, 'close'), once(this.#process, 'error')]);
    this.#exited.catch(() => undefined);
    this.#process.stdout!.on('data', (part: Buffer) => this.#take(part));
    // A broken pipe shows as its end.
    this.#process.stdin!.on('error', () => undefined);
    const onEnd = (): void => this.#end();
    this.#exited.then(onEnd, onEnd);
  }

  /** Boots the VM; throws 'invalid-input' when libguestfs is not installed. */
  static async start(options: GuestfishOptions): Promise<Guestfish> {
    await using stack = new AsyncDisposableStack();
    const guestfish = stack.use(new Guestfish(options));
    const limits = { signal: options.signal, ms: launchMs };
    await guestfish.run(['run'], limits);
    stack.move();
    return guestfish;
  }

  /** One command; its output. Throws 'io' with libguestfs' words when it fails. */
  async run(
    words: readonly Word[],
    limits: { readonly signal?: AbortSignal; readonly ms?: number } = {},
  ): Promise<string> {
    const what = `The file browser's command ${String(words[0])}`;
    const { signal, ms = commandMs } = limits;
    return withDeadline(
      this.#clock,
      { ...(signal === undefined ? {} : { signal }), ms, what },
      (over) => this.#send(words, over),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.stdin!.end();
      const timer = new AbortController();
      const kill = this.#clock.sleep(endMs, timer.signal).then(
        () => this.#process.kill('SIGKILL'),
        () => undefined, // ended in time
      );
      await this.#exited.catch(() => undefined);
      timer.abort();
      await kill;
    }
  }

  #send(words: readonly Word[], signal: AbortSignal): Promise<string> {
    if (this.#gone !== undefined) throw this.#gone;
    const line = commandLine(words);
    const token = randomBytes(16).toString('hex');
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#pending.push({ token, resolve, reject });
    // Answers come in order; one that nobody waits for any more is passed over.
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#process.stdin!.write(Buffer.concat([line, Buffer.from(`echo ${token}\n`)]));
    return promise.finally(() => signal.removeEventListener('abort', onAbort));
  }

  #take(part: Buffer): void {
    this.#text = Buffer.concat([this.#text, part]);
    for (;;) {
      const [first] = this.#pending;
      if (first === undefined) break;
      const end = this.#text.indexOf(`${first.token}\n`);
      if (end < 0) break;
      const answer = this.#text.toString('utf8', 0, end);
      this.#text = this.#text.subarray(end + first.token.length + 1);
      this.#pending.shift();
      const failure = failureIn(answer);
      if (failure === undefined) first.resolve(answer);
      else first.reject(new ColdframeError('io', failure));
    }
    if (this.#text.length > maxAnswerBytes) this.#process.kill('SIGKILL');
  }

  #end(): void {
    const words = this.#text.toString('utf8').trim();
    const missing = this.#process.exitCode === 127 || this.#process.exitCode === 126;
    this.#gone = missing
      ? new ColdframeError(
          'invalid-input',
          'Files are read by libguestfs, which is not installed. Install the packages guestfish and linux-image-cloud-amd64.',
        )
      : new ColdframeError(
          'process-died',
          `libguestfs ended unexpectedly. ${failureIn(words) ?? words.slice(-500)}`.trim(),
        );
    for (const { reject } of this.#pending.splice(0)) reject(this.#gone);
  }
}

function environment(folder: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: folder,
    TMPDIR: folder,
    LC_ALL: 'C.UTF-8',
    LIBGUESTFS_BACKEND: 'direct',
    // The same everywhere: virtual machines seldom have a working KVM, and some have a broken one.
    LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg',
    LIBGUESTFS_MEMSIZE: String(memoryMiB),
  };
}

/** libguestfs' own sentence, if the answer holds one. */
function failureIn(answer: string): string | undefined {
  const found = /^(?:\*stdin\*:\d+: )?(?:libguestfs: error|guestfish): (.+)$/m.exec(answer);
  return found?.[1];
}
