import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { openBench, type Bench } from './bench.ts';

const terminal = fileURLToPath(new URL('terminal.py', import.meta.url));
const cli = fileURLToPath(new URL('../../../src/cli/coldframe', import.meta.url));

interface Shown {
  readonly code: number;
  readonly text: string;
}

/** What a person at a terminal sees; `answers` are "question=>what is typed then". */
function onTerminal(
  { programs }: Bench,
  answers: readonly string[],
  words: readonly string[],
): Promise<Shown> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    TERM: 'xterm',
    COLDFRAME_DATA_DIR: programs.dataDir,
  };
  return new Promise((resolve) => {
    execFile('python3', [terminal, ...answers, '--', cli, ...words], { env }, (error, out) => {
      resolve({ code: error === null ? 0 : Number(error.code), text: out });
    });
  });
}

it('shows the certificate, asks, and takes the password without showing it', async () => {
  await using bench = await openBench();
  const { lab, programs } = bench;
  const add = ['endpoint', 'add', 'lab', '--address', lab.address, '--user', lab.user];

  const no = await onTerminal(bench, ['right one?=>n\\n'], add);
  assert.equal(no.code, 5);
  assert.ok(no.text.includes(lab.thumbprintSha256));
  assert.match(no.text, /not confirmed; nothing was saved/);

  const interrupted = await onTerminal(bench, ['right one?=>y\\n', 'Password of=>\\x03'], add);
  assert.equal(interrupted.code, 130);
  assert.match(interrupted.text, /nothing was changed/);
  assert.deepEqual(await programs.json(['endpoint', 'list']), []);

  const answers = ['right one?=>yes\\n', `Password of=>${lab.password}\\n`];
  const yes = await onTerminal(bench, answers, add);
  assert.equal(yes.code, 0, yes.text);
  assert.match(yes.text, /Added lab\./);
  assert.ok(!yes.text.includes(lab.password), 'the password was shown');
});

it('draws bars while a backup runs, and asks before it overwrites', async () => {
  await using bench = await openBench();
  const { lab, programs, repositoryRoot } = bench;
  for (const words of [bench.addEndpoint, ['repository', 'add', 'main', repositoryRoot]])
    assert.equal((await programs.cli(words)).code, 0);

  const backup = await onTerminal(bench, [], ['backup', 'run', 'demo-app']);
  assert.equal(backup.code, 0, backup.text);
  assert.match(backup.text, /demo-app scsi0-0 {2}[━╌]{24} +\d+%/);
  assert.ok(backup.text.includes('\u001B[1mBack up demo-app\u001B[0m: \u001B[32mdone'));

  const [point] = await programs.json<{ header: { id: string } }[]>(['restore-point', 'list']);
  const restore = ['restore', point!.header.id, '--in-place', '--power-off'];
  const kept = await onTerminal(bench, ['Overwrite these disks?=>n\\n'], restore);
  assert.equal(kept.code, 2, kept.text);
  assert.match(kept.text, /Not confirmed; nothing was changed/);
  const state = await lab.state();
  assert.equal(state.vms.find(({ name }) => name === 'demo-app')?.power, 'poweredOn');
});
