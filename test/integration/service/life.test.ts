import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';

import type { HealthReport } from '#core/api.ts';

import { temporaryFolder } from '#test/support/temporary-folder.ts';

import { openBench } from './bench.ts';
import { openPrograms } from './programs.ts';

it('starts, answers its owner alone, and ends cleanly when told to', async () => {
  await using programs = await openPrograms();
  const service = await programs.startService();
  const health = await programs.json<HealthReport>(['service', 'status']);
  assert.equal(health.status, 'ok');
  assert.equal(health.pid, service.pid);
  for (const name of ['coldframe.sock', 'api-token', 'secret.key'])
    assert.equal((await stat(join(programs.dataDir, name))).mode & 0o777, 0o600, name);
  assert.equal(await service.end('SIGTERM'), 0);
  assert.match(programs.log(), /Stopping: SIGTERM/);
  const after = await programs.cli(['service', 'status']);
  assert.equal(after.code, 6);
  assert.match(after.err, /is not running\. Start it/);
});

it('is found by the command line wherever it listens', async () => {
  await using folder = await temporaryFolder();
  const socket = join(folder.path, 'elsewhere.sock');
  await using programs = await openPrograms({ http: { socket } });
  await programs.startService();
  assert.ok((await stat(socket)).isSocket());
  assert.equal((await programs.cli(['service', 'status'])).code, 0);
});

it('comes up again after a SIGKILL, as the same appliance', async () => {
  await using programs = await openPrograms();
  const first = await programs.startService();
  const before = await programs.json<HealthReport>(['service', 'status']);
  await first.end('SIGKILL');
  await programs.startService();
  const after = await programs.json<HealthReport>(['service', 'status']);
  assert.equal(after.applianceId, before.applianceId);
  assert.notEqual(after.pid, before.pid);
});

it('lets no second service near the same data', async () => {
  await using programs = await openPrograms();
  await programs.startService();
  const second = await programs.serviceEnd();
  assert.equal(second.code, 1);
  assert.match(second.err, /Another coldframe service is using/);
  assert.equal((await programs.cli(['service', 'status'])).code, 0);
});

it('says in one line what is wrong with its configuration', async () => {
  await using programs = await openPrograms({ tasks: 0 });
  const { code, err } = await programs.serviceEnd();
  assert.equal(code, 1);
  assert.match(err, /^coldframe service: The setting "tasks" .* is wrong: [^\n]*\n$/);
});

it('keeps the password out of every file and every line', async () => {
  await using bench = await openBench();
  const { programs, lab, addEndpoint } = bench;
  const added = await programs.cli(addEndpoint);
  assert.equal(added.code, 0, added.err);
  const tested = await programs.cli(['endpoint', 'test', 'lab', '--json']);
  assert.equal(tested.code, 0, tested.err);
  await bench.service.end('SIGTERM');
  const files = await readdir(programs.dataDir, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const bytes = await readFile(join(file.parentPath, file.name));
    assert.ok(!bytes.includes(lab.password), `${file.name} holds the password`);
  }
  for (const text of [programs.log(), added.out, added.err, tested.out])
    assert.ok(!text.includes(lab.password));
});
