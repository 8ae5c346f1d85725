import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import type { LabAddress } from '#test/lab/control/lab-control.ts';
import type { LabOptions } from '#test/lab/lab.ts';

export const projectRoot = join(import.meta.dirname, '..', '..');
/** The stand-in for VMware's library, laid out like the real one. */
export const standInDir = join(projectRoot, 'native', 'build', 'Release', 'lab');

/** The lab and the service, each a process of its own, as in life. Disposing stops both in order. */
export interface Stage extends AsyncDisposable {
  readonly dir: string;
  readonly lab: LabAddress;
  readonly dataDir: string;
  readonly repositoryDir: string;
  readonly serviceLog: string;
}

const stopMs = 30_000;

export async function setStage(options: {
  readonly dir: string;
  readonly lab: Partial<LabOptions>;
}): Promise<Stage> {
  const { dir } = options;
  await using stack = new AsyncDisposableStack();
  const [labDir, dataDir, repositoryDir] = [
    join(dir, 'lab'),
    join(dir, 'data'),
    join(dir, 'repository'),
  ];
  for (const folder of [labDir, dataDir, repositoryDir]) await mkdir(folder, { recursive: true });

  const labConfig = join(dir, 'lab.json');
  await writeFile(labConfig, JSON.stringify({ capture: true, ...options.lab }));
  const labArgs = ['test/lab/main.ts', '--dir', labDir, '--config', labConfig];
  const labProcess = start(labArgs, { log: join(dir, 'lab.log') });
  stack.defer(() => stop(labProcess));
  const lab = JSON.parse(await firstLine(labProcess, join(dir, 'lab.log'))) as LabAddress;

  const configFile = join(dir, 'service.json');
  await writeFile(
    configFile,
    JSON.stringify({
      dataDir,
      http: { port: 0 },
      sysfsRoot: lab.applianceRoot,
      workerEnv: { COLDFRAME_LAB_VDDK_MAP: lab.vddkMap },
    }),
  );
  const serviceLog = join(dir, 'service.log');
  const service = start(['src/service/main.ts', '--config', configFile], { log: serviceLog });
  stack.defer(() => stop(service));
  await untilReachable(join(dataDir, 'coldframe.sock'), service, serviceLog);
  const kept = stack.move();
  return {
    dir,
    lab,
    dataDir,
    repositoryDir,
    serviceLog,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function start(args: readonly string[], options: { readonly log: string }): ChildProcess {
  const child = spawn(process.execPath, args, {
    cwd: projectRoot,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const log = createWriteStream(options.log);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const late = delay(stopMs, 'late', { ref: false });
  if ((await Promise.race([exited, late])) === 'late') child.kill('SIGKILL');
  await exited;
}

async function firstLine(child: ChildProcess, log: string): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => [undefined]),
  ])) as [string | undefined];
  if (line !== undefined) return line;
  throw new Error(`The lab did not start:\n${await readFile(log, 'utf8')}`);
}

async function untilReachable(socket: string, service: ChildProcess, log: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const reached = await new Promise<boolean>((resolve) => {
      const probe = connect(socket)
        .once('connect', () => resolve(true))
        .once('error', () => resolve(false));
      probe.unref();
      probe.once('connect', () => probe.destroy());
    });
    if (reached) return;
    if (service.exitCode !== null) break;
    await delay(100);
  }
  throw new Error(`The service did not start:\n${await readFile(log, 'utf8')}`);
}
