import assert from 'node:assert/strict';
import { it } from 'node:test';

import type { Job } from '#core/job.ts';
import { madeByJob } from '#core/job.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';

import { openTemporary } from './open-temporary.ts';

const pin = { atMs: 5, note: 'before the upgrade' };

it('keeps pins and removals apart, over a restart', async () => {
  await using made = await openTemporary();
  await made.catalog.setPin('a', pin);
  await made.catalog.setRemoving(['a', 'b'], true);
  const catalog = await made.reopen();
  assert.deepEqual(
    await catalog.restorePointMarks(['a', 'b', 'c']),
    new Map([
      ['a', { pin, removing: true }],
      ['b', { removing: true }],
    ]),
  );
  await catalog.setRemoving(['a', 'b'], false);
  assert.deepEqual(await catalog.restorePointMarks(['a', 'b']), new Map([['a', { pin }]]));
  await catalog.setPin('a', undefined);
  assert.equal((await catalog.restorePointMarks(['a'])).size, 0);
});

it('keeps pins when the catalog is rebuilt from a repository', async () => {
  await using made = await openTemporary();
  const { catalog } = made;
  const point = sampleRestorePoint({ id: 'a', createdAtMs: 1 });
  await catalog.addRestorePoint(point);
  await catalog.setPin('a', pin);
  await catalog.replaceRestorePoints(point.repositoryId, []);
  await catalog.replaceRestorePoints(point.repositoryId, [point]);
  assert.deepEqual((await catalog.restorePointMarks(['a'])).get('a'), { pin });
  await catalog.forgetMarks('a');
  assert.equal((await catalog.restorePointMarks(['a'])).size, 0);
});

it('keeps the verdict of a verification over restarts and rebuilds, until a better one', async () => {
  await using made = await openTemporary();
  const point = sampleRestorePoint({ id: 'a', createdAtMs: 1 });
  const damage = { atMs: 7, path: 'vm/a.tar', message: 'wrong digest' };
  await made.catalog.addRestorePoint(point);
  await made.catalog.setPin('a', pin);
  await made.catalog.setDamage(new Map([['a', damage]]));
  const catalog = await made.reopen();
  await catalog.replaceRestorePoints(point.repositoryId, []);
  await catalog.replaceRestorePoints(point.repositoryId, [point]);
  assert.deepEqual((await catalog.restorePointMarks(['a'])).get('a'), { pin, damage });
  await catalog.setDamage(new Map([['a', undefined]]));
  assert.deepEqual((await catalog.restorePointMarks(['a'])).get('a'), { pin });
});

const job: Job = {
  id: 'j1',
  name: 'nightly',
  enabled: true,
  endpointId: 'e1',
  repositoryId: 'r1',
  selection: { include: [{ by: 'all' }], exclude: [] },
  retention: { timeZone: 'UTC', last: 7 },
  compression: 'zstd',
  maxChainLength: 14,
  onQuiesceFailure: 'fail',
  createdAtMs: 0,
};

it('remembers the names of a job, whoever saves it, so that its points stay its own', async () => {
  await using made = await openTemporary();
  const { catalog } = made;
  await catalog.saveJob(job);
  assert.equal((await catalog.getJob('j1'))?.formerNames, undefined);
  await catalog.saveJob({ ...job, name: 'evening' });
  await catalog.saveJob({ ...job, name: 'late' });
  const renamed = (await catalog.getJob('j1'))!;
  assert.deepEqual(renamed.formerNames, ['nightly', 'evening']);
  await catalog.saveJob(job);
  assert.deepEqual((await catalog.getJob('j1'))?.formerNames, ['evening', 'late']);

  const isOwn = (name: string | null, others: readonly Job[] = []) =>
    madeByJob(name, renamed, [renamed, ...others]);
  assert.equal(isOwn('late'), true);
  assert.equal(isOwn('nightly'), true);
  assert.equal(isOwn('nightly', [{ ...job, id: 'j2' }]), false);
  assert.equal(isOwn('weekly'), false);
  assert.equal(isOwn(null), false);
});

it('knows all that is damaged at once, and forgets what is mended or gone', async () => {
  await using made = await openTemporary();
  const { catalog } = made;
  const damage = { atMs: 1, path: 'x.tar', message: 'm' };
  await catalog.setDamage(
    new Map([
      ['a', damage],
      ['b', damage],
      ['c', undefined],
    ]),
  );
  assert.deepEqual([...(await catalog.damagedPoints())], ['a', 'b']);
  await catalog.setDamage(new Map([['a', undefined]]));
  await catalog.forgetMarks('b');
  assert.deepEqual([...(await (await made.reopen()).damagedPoints())], []);
});
