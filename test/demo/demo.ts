import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { JournalView, RunView } from '#core/api.ts';
import type { LabVmState } from '#test/lab/control/lab-control.ts';
import { remoteControl } from '#test/lab/control/remote-control.ts';

import { coldframe } from './command-line.ts';
import { compareFiles } from './compare.ts';
import { mebibytes, backupOf, type BackupSummary } from './figures.ts';
import type { Screen } from './screen.ts';
import { standInDir, type Stage } from './stage.ts';

const run = promisify(execFile);
const vmName = 'demo-app';
const writerBytesPerSecond = 4 * 2 ** 20;

/** Archives that the demo made, for who wants to look at them. */
export interface DemoArchives {
  readonly full: string;
  readonly incremental: string;
}

/** The main job, end to end. Every comparison throws when a single byte differs. */
export async function runDemo(stage: Stage, screen: Screen): Promise<DemoArchives> {
  const lab = remoteControl(stage.lab.controlUrl);
  const cli = <T>(args: readonly string[], input?: string): Promise<T> =>
    coldframe<T>(stage, args, input);
  const vm = async (name: string): Promise<LabVmState> => {
    const found = (await lab.state()).vms.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`The lab has no VM ${name}.`);
    return found;
  };

  await screen.step('Add endpoint, repository and VDDK', async () => {
    const { address, user, password, thumbprintSha256 } = stage.lab;
    const login = ['--address', address, '--user', user, '--thumbprint', thumbprintSha256];
    await cli(['endpoint', 'add', 'lab', ...login, '--password-file', '-'], `${password}\n`);
    await cli(['repository', 'add', 'main', stage.repositoryDir]);
    const vddk = await cli<{ version?: string }>(['vddk', 'install', standInDir]);
    return { value: undefined, said: `VDDK ${vddk.version ?? '?'} (the stand-in)` };
  });

  await lab.startGuestWriter({ vm: vmName, bytesPerSecond: writerBytesPerSecond, seed: 42 });
  const full = await screen.step('Full backup while the guest writes', () =>
    backUp(stage, cli, ['backup', 'run', vmName, '--transport', 'hotadd-vddk', '--no-fallback']),
  );
  const { writtenBytes } = await lab.stopGuestWriter({ vm: vmName });
  const firstCapture = await newestCapture(stage);

  await screen.step('The guest changes its disks', async () => {
    const [disk] = (await vm(vmName)).disks;
    const grown = { vm: vmName, key: disk?.key ?? 0 };
    await lab.writeGuest({ ...grown, offset: 100 * 2 ** 20, seed: 5, length: 8 * 2 ** 20 });
    await lab.trim({ ...grown, offset: 300 * 2 ** 20, length: 4 * 2 ** 20 });
    return {
      value: undefined,
      said: `${mebibytes(writtenBytes + 12 * 2 ** 20)} written and trimmed`,
    };
  });

  const incremental = await screen.step('Incremental backup by changed blocks', () =>
    backUp(stage, cli, ['backup', 'run', vmName, '--transport', 'hotadd-vddk', '--no-fallback']),
  );
  if (incremental.kind !== 'incremental')
    throw new Error(`It became a ${incremental.kind} backup.`);
  const secondCapture = await newestCapture(stage);
  if (secondCapture === firstCapture) throw new Error('The lab captured no second snapshot.');

  await screen.step('Restore the second to a new VM', async () => {
    const name = `${vmName}-restored`;
    await cli(['restore', incremental.restorePointId, '--new-name', name]);
    return { value: undefined, said: await compareVm(stage, await vm(name), secondCapture) };
  });
  await screen.step('Restore the first into the VM itself', async () => {
    await cli(['restore', full.restorePointId, '--in-place', '--power-off', '--yes']);
    return { value: undefined, said: await compareVm(stage, await vm(vmName), firstCapture) };
  });
  await screen.step('Extract the full archive with plain tar', async () => {
    const out = join(stage.dir, 'by-tar');
    await mkdir(out, { recursive: true });
    await run('tar', ['--zstd', '-xf', full.file, '-C', out]);
    return { value: undefined, said: await compareFolder(join(out, 'disks'), firstCapture) };
  });
  await screen.step('Look for anything left behind', async () => {
    const state = await lab.state();
    const snapshots = state.vms.flatMap((each) => each.snapshots);
    const journal = await cli<JournalView>(['journal']);
    const left = [...snapshots, ...state.attachments, ...journal.open, ...state.violations];
    const toConsolidate = state.vms.filter((each) => each.consolidationNeeded);
    if (left.length + toConsolidate.length > 0)
      throw new Error(`Left behind: ${JSON.stringify({ left, toConsolidate })}`);
    return { value: undefined, said: 'no snapshot, no attached disk, no open journal entry' };
  });

  screen.summary('Backups', [
    ['full', full.words],
    ['incremental', incremental.words],
    ['transport', full.transportReason],
  ]);
  return { full: full.file, incremental: incremental.file };
}

async function backUp(
  stage: Stage,
  cli: <T>(args: readonly string[]) => Promise<T>,
  args: readonly string[],
): Promise<{ value: BackupSummary; said: string }> {
  const value = backupOf(await cli<RunView>(args), stage.repositoryDir);
  await stat(value.file);
  return { value, said: value.words };
}

/** The folder with what the newest snapshot froze. */
async function newestCapture(stage: Stage): Promise<string> {
  const folders = await readdir(stage.lab.captureDir);
  const times = await Promise.all(
    folders.map(async (name) => {
      const path = join(stage.lab.captureDir, name);
      return { path, at: (await stat(path)).mtimeMs };
    }),
  );
  const newest = times.toSorted((a, b) => b.at - a.at)[0];
  if (newest === undefined) throw new Error('The lab captured no snapshot.');
  return newest.path;
}

/** Disks of the VM in the order of their keys against the captured ones in theirs. */
async function compareVm(stage: Stage, vm: LabVmState, capture: string): Promise<string> {
  const lab = remoteControl(stage.lab.controlUrl);
  const expected = await rawFiles(capture);
  if (expected.length !== vm.disks.length)
    throw new Error(`${vm.name} has ${vm.disks.length} disks.`);
  let bytes = 0;
  for (const [i, disk] of vm.disks.toSorted((a, b) => a.key - b.key).entries()) {
    const copy = join(stage.dir, `compare-${vm.name}-${disk.key}.raw`);
    await lab.copyDisk({ vm: vm.name, key: disk.key, to: copy });
    bytes += await compareFiles(copy, expected[i]!);
    await rm(copy);
  }
  return `${mebibytes(bytes)} identical`;
}

async function compareFolder(folder: string, capture: string): Promise<string> {
  const [found, expected] = [await rawFiles(folder), await rawFiles(capture)];
  if (found.length !== expected.length) throw new Error(`${folder} holds ${found.length} disks.`);
  let bytes = 0;
  for (const [i, path] of found.entries()) bytes += await compareFiles(path, expected[i]!);
  return `${mebibytes(bytes)} identical`;
}

async function rawFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.raw'));
  return names
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => join(folder, name));
}
