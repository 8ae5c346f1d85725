import assert from 'node:assert/strict';
import { it } from 'node:test';

import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';

import { openTemporary } from './open-temporary.ts';

const ids = (points: readonly { readonly header: { readonly id: string } }[]) =>
  points.map((point) => point.header.id);

it('pages through all points, newest first', async () => {
  await using made = await openTemporary();
  for (let i = 0; i < 25; i++)
    await made.catalog.addRestorePoint(
      sampleRestorePoint({ id: `p${i}`, createdAtMs: 1000 + (i >> 2), instanceUuid: `vm${i % 3}` }),
    );
  const seen: string[] = [];
  let after: { readonly createdAtMs: number; readonly id: string } | undefined;
  for (;;) {
    const page = await made.catalog.listRestorePoints({
      limit: 10,
      ...(after === undefined ? {} : { after }),
    });
    if (page.length === 0) break;
    seen.push(...ids(page));
    after = page.at(-1)!.header;
  }
  assert.equal(new Set(seen).size, 25);
  assert.deepEqual(
    seen.map((id) => Number(id.slice(1)) >> 2),
    Array.from({ length: 25 }, (_, i) => (24 - i) >> 2).toSorted((a, b) => b - a),
  );
});

it('rebuild makes one repository as listed and leaves the others alone', async () => {
  await using made = await openTemporary();
  const { catalog } = made;
  const keep = sampleRestorePoint({ id: 'keep', createdAtMs: 1 });
  const gone = sampleRestorePoint({ id: 'gone', createdAtMs: 2 });
  const foreign = sampleRestorePoint({ id: 'foreign', createdAtMs: 3, repositoryId: 'r2' });
  const found = sampleRestorePoint({ id: 'found', createdAtMs: 4 });
  for (const point of [keep, gone, foreign]) await catalog.addRestorePoint(point);
  const changed = { ...keep, path: 'moved/keep.tar' };
  const result = await catalog.replaceRestorePoints('repository000001', [changed, found]);
  assert.deepEqual(result, { added: 1, removed: 1 });
  const listed = await catalog.listRestorePoints({ limit: 100 });
  assert.deepEqual(ids(listed), ['found', 'foreign', 'keep']);
  assert.deepEqual(await catalog.getRestorePoint('keep'), changed);
});

it('rebuilds an empty catalog from many archives', async () => {
  await using made = await openTemporary();
  const points = Array.from({ length: 1000 }, (_, i) =>
    sampleRestorePoint({ id: `p${i}`, createdAtMs: i, instanceUuid: `vm${i % 7}` }),
  );
  const result = await made.catalog.replaceRestorePoints('repository000001', points);
  assert.deepEqual(result, { added: 1000, removed: 0 });
  const catalog = await made.reopen();
  const ofVm = await catalog.restorePointsOfVm({ ...points[0]!.header.vm, instanceUuid: 'vm3' });
  assert.equal(ofVm.length, 143);
  assert.deepEqual(await catalog.getRestorePoint('p999'), points[999]);
});
