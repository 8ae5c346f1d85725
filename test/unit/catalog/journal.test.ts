import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { it } from 'node:test';

import { openCatalog } from '#catalog/open-catalog.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { countingIds, testClock } from '#test/support/test-clock.ts';

import { openTemporary } from './open-temporary.ts';

const intent = {
  taskId: 'task1',
  kind: 'attach',
  endpointId: 'endpoint1',
  detail: { applianceMoref: 'vm-1', vmMoref: 'vm-42', files: ['[ds1] a/a.vmdk'] },
} as const;

it('keeps open entries over a restart, with everything that undo needs', async () => {
  await using made = await openTemporary();
  const entry = await made.journal.intend(intent);
  await made.journal.mark(entry.id, 'done', 'locked');
  const { journal, applianceId } = await made.reopen();
  assert.equal(applianceId, made.applianceId);
  assert.deepEqual(await journal.open(), [{ ...entry, state: 'done', lastFailure: 'locked' }]);
});

it('keeps undone entries for 30 days', async () => {
  await using made = await openTemporary();
  const { id } = await made.journal.intend(intent);
  await made.journal.mark(id, 'undone');
  made.clock.advance(29 * 24 * 3600 * 1000);
  const later = await made.reopen();
  assert.deepEqual(
    (await later.journal.history(10)).map((entry) => entry.id),
    [id],
  );
  await later.journal.mark(id, 'undone');
  made.clock.advance(2 * 24 * 3600 * 1000);
  const muchLater = await made.reopen();
  assert.deepEqual(await muchLater.journal.history(10), []);
});

it('has every intent that it confirmed before a SIGKILL', async () => {
  await using folder = await temporaryFolder();
  const child = fork(new URL('journal-writer.ts', import.meta.url), [folder.path]);
  const confirmed: string[] = [];
  child.on('message', (id) => {
    if (typeof id === 'string') confirmed.push(id);
    if (confirmed.length === 25) child.kill('SIGKILL');
  });
  await once(child, 'exit');
  assert.ok(confirmed.length >= 25);
  await using catalog = await openCatalog({
    dataDir: folder.path,
    clock: testClock(),
    ids: countingIds(),
  });
  const open = new Set((await catalog.journal.open()).map((entry) => entry.id));
  for (const id of confirmed) assert.ok(open.has(id), `entry ${id} was confirmed and is lost`);
});
