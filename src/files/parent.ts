import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Clock } from '#core/clock.ts';
import { ColdframeError, fromErrorRecord } from '#core/error.ts';

import { packOrder, unpackAnswer, type OpenOrder } from './wire.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
const graceMs = 15_000;
const lastWordsBytes = 2000;

/** A restore point that is open for browsing, in a process of its own. */
export interface FilesProcess extends AsyncDisposable {
  /** Where it answers; see `serveFiles`. */
  readonly socket: string;
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

/** Starts it and waits until its files can be read; throws what kept it from that. */
export async function openFilesProcess(
  order: OpenOrder,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<FilesProcess> {
  signal.throwIfAborted();
  await using stack = new AsyncDisposableStack();
  const child = stack.adopt(start(), (each) => end(each, clock));
  const ended = Promise.race([once(child, 'exit'), once(child, 'error')]).then(
    () => undefined,
    () => undefined,
  );
  let words = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-lastWordsBytes);
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.on('message', (message) => {
    const answer = unpackAnswer(message);
    if (answer?.type === 'ready') resolve(answer.socket);
    if (answer?.type === 'failed') reject(fromErrorRecord(answer.error));
  });
  void ended.then(() =>
    reject(
      new ColdframeError('process-died', `The file browser ended while it opened. ${words}`.trim()),
    ),
  );
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    child.send(packOrder(order));
    const socket = await promise;
    const kept = stack.move();
    return { socket, pid: child.pid!, ended, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function start(): ChildProcess {
  const compileCache = process.env['NODE_COMPILE_CACHE'];
  return fork(program, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C.UTF-8',
      ...(process.env['TMPDIR'] === undefined ? {} : { TMPDIR: process.env['TMPDIR'] }),
      ...(compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache }),
    },
    execArgv: [],
  });
}

/** SIGTERM ends the small VM and removes its files; SIGKILL ends what does not listen. */
async function end(child: ChildProcess, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = new AbortController();
  const kill = clock.sleep(graceMs, timer.signal).then(
    () => child.kill('SIGKILL'),
    () => undefined, // ended in time
  );
  await exited;
  timer.abort();
  await kill;
}
