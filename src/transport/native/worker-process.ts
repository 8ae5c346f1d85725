import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { ColdframeError } from '#core/error.ts';

const executable = fileURLToPath(
  new URL('../../../native/build/Release/disk-worker', import.meta.url),
);
const keptLines = 20;

export interface WorkerProcessOptions {
  /** What the worker finds as descriptors 3 and 4. */
  readonly descriptors: readonly [number, number];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onLog?: ((line: string) => void) | undefined;
}

/** The child process of a disk worker: its log, its end. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #lastLines: string[] = [];
  /** Resolves with the story of the end; never rejects. */
  readonly ended: Promise<ColdframeError>;

  constructor(options: WorkerProcessOptions) {
    this.#child = spawn(executable, [], {
      cwd: '/',
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe', ...options.descriptors],
    });
    const logs = [this.#child.stdout, this.#child.stderr];
    const drained = logs.map((log) => this.#follow(log, options.onLog));
    const exited = new Promise<string>((resolve) => {
      this.#child.once('exit', (code, signal) => {
        resolve(signal === null ? `ended with status ${code}` : `was ended by ${signal}`);
      });
      this.#child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    });
    this.ended = exited.then(async (how) => {
      await Promise.all(drained);
      return this.#story(how);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async #follow(log: Readable | null, onLog?: (line: string) => void): Promise<void> {
    if (log === null) return;
    for await (const line of createInterface({ input: log })) {
      this.#lastLines.push(line);
      if (this.#lastLines.length > keptLines) this.#lastLines.shift();
      onLog?.(line);
    }
  }

  #story(how: string): ColdframeError {
    const lastLines = [...this.#lastLines];
    const last = lastLines.at(-1);
    const said = last === undefined ? '' : ` Its last line: ${last}`;
    return new ColdframeError('process-died', `The disk worker ${how}.${said}`, {
      details: { lastLines },
    });
  }
}
