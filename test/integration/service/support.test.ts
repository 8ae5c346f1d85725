import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';

import { openBench } from './bench.ts';

/** Everything below a folder, path by path. */
async function filesBelow(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return new Map(
    await Promise.all(
      files.map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        return [path.slice(folder.length + 1), await readFile(path)] as const;
      }),
    ),
  );
}

it('holds what explains a fault, and no secret that was planted', async () => {
  await using bench = await openBench();
  const { programs, lab, repositoryRoot } = bench;
  const planted = {
    endpoint: lab.password,
    user: 'user-secret-tangerine',
    newPassword: 'user-secret-clementine',
    mail: 'mail-secret-käse "quoted" & <angled>',
    hookKey: 'hook-secret-mandarin',
    hookPath: 'T0AAAA/B0BBBB/very-secret-part',
  };
  const secretFile = join(programs.folder, 'secret');
  const cli = async (words: readonly string[], secret?: string) => {
    if (secret !== undefined) await writeFile(secretFile, `${secret}\n`);
    const file = secret === undefined ? [] : ['--password-file', secretFile];
    const result = await programs.cli([...words, ...file]);
    assert.equal(result.code, 0, `${words.join(' ')}: ${result.err}`);
    return result.out;
  };
  await cli(bench.addEndpoint);
  await cli(['repository', 'add', 'main', repositoryRoot]);
  await cli(['user', 'add', 'eva', '--role', 'viewer'], planted.user);
  await cli(['user', 'password', 'eva'], planted.newPassword);
  const addresses = ['--from', 'a@example.org', '--to', 'b@example.org'];
  const mail = ['notify', 'mail', '--host', '127.0.0.1', '--port', '1', '--user', 'backup'];
  await cli([...mail, ...addresses, '--rule', 'always'], planted.mail);
  const url = `http://127.0.0.1:1/${planted.hookPath}`;
  await cli(['notify', 'webhook', 'chat', '--url', url, '--rule', 'always'], planted.hookKey);
  const token = (await cli(['token', 'add', 'ci'])).trim();
  assert.match(token, /^cf_/);
  await cli(['backup', 'run', 'demo-app', '--repository', 'main']);
  for (const to of ['mail', 'chat']) {
    const failed = await programs.cli(['notify', 'test', to]);
    assert.notEqual(failed.code, 0, 'nobody listens on port 1');
    for (const secret of Object.values(planted)) assert.ok(!failed.err.includes(secret));
  }
  const file = join(programs.folder, 'bundle.tar.gz');
  assert.equal((await cli(['support', 'bundle', '--output', file])).trim(), file);

  assert.equal((await stat(file)).mode & 0o077, 0);
  const folder = join(programs.folder, 'unpacked');
  await mkdir(folder);
  execFileSync('tar', ['-xzf', file, '-C', folder]);
  const bundle = await filesBelow(folder);
  const names = [...bundle.keys()].map((name) => name.replace('support/', ''));
  for (const name of ['health.json', 'audit.json', 'notifications.json', 'restore-points.json'])
    assert.ok(names.includes(name), name);
  const log = [...bundle].find(([name]) => /runs\/\w+\.log$/.test(name))?.[1].toString() ?? '';
  assert.match(log, /snapshot/i);
  assert.match(bundle.get('support/runs.json')?.toString() ?? '', /"succeeded"/);
  const apiToken = (await readFile(join(programs.dataDir, 'api-token'), 'utf8')).trim();

  const secrets = { ...planted, token, apiToken };
  const logs = await filesBelow(join(programs.dataDir, 'logs'));
  const places = [...bundle, ...logs, ['the service log', Buffer.from(programs.log())] as const];
  for (const [what, secret] of Object.entries(secrets))
    for (const form of [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
      for (const [place, bytes] of places)
        assert.ok(!bytes.includes(form), `${place} holds the secret of ${what}`);
});
