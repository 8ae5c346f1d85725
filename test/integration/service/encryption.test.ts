import assert from 'node:assert/strict';
import { copyFile, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';

import type { RunView } from '#core/api.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { ageKey } from '#test/support/age-program.ts';

import { openBench } from './bench.ts';

async function filesBelow(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).toSorted();
}

it('encrypts to public keys, and restores only while it has the private one', async () => {
  await using bench = await openBench();
  const { programs, repositoryRoot, lab } = bench;
  const { folder, dataDir } = programs;
  const key = await ageKey(join(folder, 'key.txt'));
  const run = async (...words: string[]) => {
    const { code, err, out } = await programs.cli(words);
    assert.equal(code, 0, err + out);
    return out + err;
  };
  await run(...bench.addEndpoint);
  await run('repository', 'add', 'main', repositoryRoot);
  const refused = await programs.cli(['repository', 'encrypt', 'main', '--to', 'age1nonsense']);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /not a public key of age/);
  const chosen = await run('repository', 'encrypt', 'main', '--to', key.recipient);
  assert.match(chosen, /private key is not here/);
  assert.match(chosen, /Without a private key here nothing can be restored/);

  const full = await programs.json<RunView>(['backup', 'run', 'demo-app']);
  assert.equal(full.run.state, 'succeeded');
  const incremental = await programs.json<RunView>(['backup', 'run', 'demo-app']);
  assert.equal(incremental.tasks[0]?.result?.['kind'], 'incremental');
  const points = await programs.json<RestorePoint[]>(['restore-point', 'list']);
  const newest = points[0]!;
  for (const { path, archiveBytes } of points) {
    assert.match(path, /\.tar\.zst\.age$/);
    assert.equal((await stat(join(repositoryRoot, path))).size, archiveBytes);
    const start = await readFile(join(repositoryRoot, path));
    assert.match(start.subarray(0, 22).toString(), /^age-encryption\.org\/v1\n/);
    // A name that every archive holds in clear when it is not encrypted.
    assert.equal(start.indexOf('restore-point.json'), -1);
  }

  // A catalog that was lost is found again without any key.
  const rebuilt = await run('repository', 'rebuild', 'main');
  assert.match(rebuilt, /2 restore points in it: 0 new/);
  assert.equal((await programs.cli(['repository', 'check', 'main'])).code, 0);
  const away = join(repositoryRoot, newest.path);
  await rename(away, join(folder, 'away'));
  const lacking = await programs.cli(['repository', 'check', 'main']);
  assert.equal(lacking.code, 3);
  assert.match(lacking.out, new RegExp(`Not in the folder: 1\\n  ${newest.path}`));
  const kept = await programs.cli(['repository', 'rebuild', 'main']);
  assert.equal(kept.code, 3);
  assert.match(kept.err, /Missing: /);
  await rename(join(folder, 'away'), away);
  assert.equal((await programs.cli(['repository', 'check', 'main'])).code, 0);
  const locked = await programs.cli(['restore', newest.header.id, '--new-name', 'copy']);
  assert.notEqual(locked.code, 0);
  assert.match(locked.err, /is encrypted and no key was given/);
  assert.ok((await lab.state()).vms.every(({ name }) => name !== 'copy'));
  assert.notEqual((await programs.cli(['verify', newest.header.id])).code, 0);
  const stillGood = await programs.json<{ damage?: unknown }>([
    'restore-point',
    'show',
    newest.header.id,
  ]);
  assert.equal(stillGood.damage, undefined, 'a missing key is no damage');

  const lent = await run('key', 'add', 'safe', '--file', key.identityFile);
  assert.match(lent, /until the service ends/);
  await run('restore', newest.header.id, '--new-name', 'copy');
  assert.ok((await lab.state()).vms.some(({ name }) => name === 'copy'));
  await run('verify', newest.header.id);
  await run('key', 'remove', 'safe');
  assert.notEqual((await programs.cli(['verify', newest.header.id])).code, 0);

  const sheet = await run('repository', 'recovery-sheet', 'main');
  assert.match(sheet, new RegExp(key.recipient));
  assert.doesNotMatch(sheet, /AGE-SECRET-KEY-1[A-Z0-9]{58}/);

  // The data folder and the log never show the private key.
  await run('key', 'add', 'safe', '--file', key.identityFile, '--keep');
  const secret = key.identity.reveal();
  for (const name of await filesBelow(dataDir)) {
    const path = join(dataDir, name);
    if ((await stat(path)).isFile()) assert.ok(!(await readFile(path)).includes(secret), name);
  }
  assert.ok(!programs.log().includes(secret));

  // Archives that are taken elsewhere are read by the tool.
  const copies = await Promise.all(
    points.map(async ({ path }, index) => {
      const to = join(folder, `${index}.tar.zst.age`);
      await copyFile(join(repositoryRoot, path), to);
      return to;
    }),
  );
  await run('tool', 'verify', ...copies, '--identity', key.identityFile);

  await run('repository', 'encrypt', 'main', '--off');
  const plain = await programs.json<RunView>(['backup', 'run', 'demo-app']);
  assert.equal(plain.run.state, 'succeeded');
  const [last] = await programs.json<RestorePoint[]>(['restore-point', 'list']);
  assert.match(last!.path, /\.tar\.zst$/);
  // A chain may be of both kinds.
  await run('verify', last!.header.id);
});

it('makes a key pair that age takes', async () => {
  await using bench = await openBench();
  const { programs } = bench;
  const file = join(programs.folder, 'new.txt');
  const { recipient } = await programs.json<{ recipient: string }>(['tool', 'new-key', file]);
  assert.match(await readFile(file, 'utf8'), new RegExp(`# public key: ${recipient}\nAGE-SECRET`));
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal((await programs.cli(['tool', 'new-key', file])).code, 2);
});
