import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';

import type { ConfigOutcome } from '#core/api.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { ageKey } from '#test/support/age-program.ts';

import { openBench } from './bench.ts';
import { openPrograms } from './programs.ts';

const passphrase = 'a passphrase of some length';

it('carries everything to another appliance, and says what differs', async () => {
  await using bench = await openBench();
  const { programs, repositoryRoot, lab } = bench;
  const { folder } = programs;
  const key = await ageKey(join(folder, 'key.txt'));
  const secretFile = join(folder, 'passphrase');
  await writeFile(secretFile, `${passphrase}\n`);
  for (const words of [
    bench.addEndpoint,
    ['repository', 'add', 'main', repositoryRoot],
    ['repository', 'encrypt', 'main', '--to', key.recipient],
    ['key', 'add', 'safe', '--file', key.identityFile, '--keep'],
    ['job', 'add', 'nightly', '--vm', 'demo-app', '--schedule', '0 1 * * *', '--keep-daily', '7'],
    ['backup', 'run', 'demo-app'],
  ]) {
    const { code, err, out } = await programs.cli(words);
    assert.equal(code, 0, `${words.join(' ')}: ${err}${out}`);
  }
  const plain = join(folder, 'plain.json');
  const sealed = join(folder, 'sealed.json');
  assert.equal((await programs.cli(['config', 'export', plain])).code, 0);
  const withSecrets = ['--with-secrets', '--passphrase-file', secretFile];
  assert.equal((await programs.cli(['config', 'export', sealed, ...withSecrets])).code, 0);
  assert.equal((await programs.cli(['config', 'export', plain])).code, 2, 'nothing is overwritten');
  for (const file of [plain, sealed]) {
    const text = await readFile(file, 'utf8');
    assert.ok(!text.includes(lab.password) && !text.includes(key.identity.reveal()));
  }

  const same = await programs.cli(['config', 'diff', plain]);
  assert.equal(same.code, 0, same.out);
  const document = JSON.parse(await readFile(plain, 'utf8')) as {
    jobs: { retention: { daily: number } }[];
  };
  document.jobs[0]!.retention.daily = 9;
  await writeFile(plain, JSON.stringify(document));
  const differs = await programs.cli(['config', 'diff', plain]);
  assert.equal(differs.code, 3);
  assert.match(differs.out, /job +nightly +change +retention: .*"daily":7.*"daily":9/);
  assert.equal((await programs.cli(['config', 'apply', plain])).code, 0);
  assert.equal((await programs.cli(['config', 'diff', plain])).code, 0);

  await using other = await openPrograms({
    sysfsRoot: lab.applianceRoot,
    workerEnv: { COLDFRAME_LAB_VDDK_MAP: lab.vddkMap },
  });
  await other.startService();
  const poor = await other.cli(['config', 'apply', plain, '--json']);
  assert.equal(poor.code, 1);
  const failed = (JSON.parse(poor.out) as ConfigOutcome[]).filter(({ error }) => error);
  assert.deepEqual(
    failed.map(({ kind }) => kind),
    ['endpoint', 'job'],
    'without secrets there is no password, and without the endpoint no job',
  );
  const wrong = join(folder, 'wrong');
  await writeFile(wrong, 'another passphrase\n');
  const refused = await other.cli(['config', 'apply', sealed, '--passphrase-file', wrong]);
  assert.equal(refused.code, 5);
  assert.match(refused.err, /The passphrase is wrong/);
  const applied = await other.cli(['config', 'apply', sealed, '--passphrase-file', secretFile]);
  assert.equal(applied.code, 0, applied.out + applied.err);
  assert.equal((await other.cli(['config', 'diff', sealed])).code, 0);
  const again = await other.json<unknown[]>([
    'config',
    'apply',
    sealed,
    '--passphrase-file',
    secretFile,
  ]);
  assert.deepEqual(again, []);

  // All is there: the archives, the key that opens them, and the endpoint to restore to.
  const [point] = await other.json<RestorePoint[]>(['restore-point', 'list']);
  const restored = await other.cli(['restore', point!.header.id, '--new-name', 'copy']);
  assert.equal(restored.code, 0, restored.err);
  assert.ok(!other.log().includes(lab.password) && !other.log().includes(passphrase));
});

it('refuses a file that is not a configuration, and says where it is wrong', async () => {
  await using programs = await openPrograms();
  await programs.startService();
  const file = join(programs.folder, 'x.json');
  for (const [text, message] of [
    ['{', /not JSON/],
    ['[]', /./],
    ['{"coldframe":"configuration","version":2}', /version/],
    [
      '{"coldframe":"configuration","version":1,"jobs":[{"name":"a/b"}]}',
      /document\.jobs\.0\.name/,
    ],
  ] as const) {
    await writeFile(file, text);
    const { code, err } = await programs.cli(['config', 'diff', file]);
    assert.equal(code, 2, text);
    assert.match(err, message);
  }
});
