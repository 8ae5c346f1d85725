import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { temporaryFolder } from '#test/support/temporary-folder.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const serviceProgram = join(root, 'src/service/main.ts');
const cliProgram = join(root, 'src/cli/coldframe');

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A data folder, and the real programs that work with it, each in its own process. */
export interface Programs extends AsyncDisposable {
  readonly folder: string;
  readonly dataDir: string;
  /** All that the services of this folder logged. */
  readonly log: () => string;
  startService(): Promise<ServiceProcess>;
  /** Starts a service that is expected to end by itself. */
  serviceEnd(): Promise<CliResult>;
  cli(words: readonly string[], input?: string): Promise<CliResult>;
  /** Parses what a command prints with --json; throws when it failed. */
  json<T>(words: readonly string[]): Promise<T>;
  cliProcess(words: readonly string[]): ChildProcess;
}

export interface ServiceProcess {
  readonly pid: number;
  /** Signals it and waits for its end. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export async function openPrograms(config: object = {}): Promise<Programs> {
  const folder = await temporaryFolder();
  const dataDir = join(folder.path, 'data');
  const configFile = join(folder.path, 'config.json');
  await writeFile(configFile, JSON.stringify(config));
  const children = new Set<ChildProcess>();
  let log = '';
  const run = (command: string, words: readonly string[]): ChildProcess => {
    const child = spawn(command, words, {
      env: { PATH: process.env['PATH'] ?? '', COLDFRAME_DATA_DIR: dataDir, NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  };
  const service = (): ChildProcess =>
    run(process.execPath, [serviceProgram, '--config', configFile]);
  const finish = async (child: ChildProcess, input = ''): Promise<CliResult> => {
    child.stdin!.end(input);
    const [out, err] = await Promise.all([text(child.stdout!), text(child.stderr!), exitOf(child)]);
    return { code: child.exitCode ?? -1, out, err };
  };
  const cli = (words: readonly string[], input?: string): Promise<CliResult> =>
    finish(run(cliProgram, words), input);
  return {
    folder: folder.path,
    dataDir,
    log: () => log,
    async startService() {
      const child = service();
      child.stderr!.on('data', (part: Buffer) => (log += part.toString()));
      const ready = Promise.withResolvers<void>();
      createInterface({ input: child.stdout! }).on('line', (line) => {
        log += `${line}\n`;
        if (line.includes('The service is up.')) ready.resolve();
      });
      child.once('exit', () => ready.reject(new Error(`The service ended at once: ${log}`)));
      await ready.promise;
      return {
        pid: child.pid!,
        async end(signal) {
          child.kill(signal);
          await exitOf(child);
          return child.exitCode;
        },
      };
    },
    serviceEnd: () => finish(service()),
    cli,
    async json<T>(words: readonly string[]): Promise<T> {
      const { code, out, err } = await cli([...words, '--json']);
      if (code !== 0) throw new Error(`coldframe ${words.join(' ')} ended with ${code}: ${err}`);
      return JSON.parse(out) as T;
    },
    cliProcess: (words) => run(cliProgram, words),
    async [Symbol.asyncDispose]() {
      await Promise.all(
        [...children].map(async (child) => {
          child.kill('SIGKILL');
          await exitOf(child);
        }),
      );
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
