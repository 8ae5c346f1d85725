import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { CatalogPort } from '#engine/ports.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';

/** What every CatalogPort must do; `make` gives an empty one. */
export function catalogPortContract(
  name: string,
  make: () => Promise<{ readonly catalog: CatalogPort } & AsyncDisposable>,
): void {
  const vm = sampleRestorePoint({ id: 'x', createdAtMs: 0 }).header.vm;

  describe(`CatalogPort: ${name}`, () => {
    it('gives back exactly what was added', async () => {
      await using made = await make();
      const point = sampleRestorePoint({ id: 'a', createdAtMs: 1000 });
      await made.catalog.addRestorePoint(point);
      assert.deepEqual(await made.catalog.getRestorePoint('a'), point);
      assert.deepEqual(await made.catalog.restorePointsOfVm(vm), [point]);
    });

    it('answers undefined and nothing for what is not there', async () => {
      await using made = await make();
      assert.equal(await made.catalog.getRestorePoint('nothing'), undefined);
      assert.deepEqual(await made.catalog.restorePointsOfVm(vm), []);
    });

    it('lists the points of one VM, newest first, however they were added', async () => {
      await using made = await make();
      for (const createdAtMs of [2000, 900, 10_000, 1000])
        await made.catalog.addRestorePoint(
          sampleRestorePoint({ id: `t${createdAtMs}`, createdAtMs }),
        );
      await made.catalog.addRestorePoint(
        sampleRestorePoint({ id: 'other', createdAtMs: 5000, instanceUuid: `${vm.instanceUuid}0` }),
      );
      const ids = (await made.catalog.restorePointsOfVm(vm)).map((point) => point.header.id);
      assert.deepEqual(ids, ['t10000', 't2000', 't1000', 't900']);
    });

    it('keeps hostile uuids apart', async () => {
      await using made = await make();
      const uuids = ['a', 'a/b', 'a%2Fb', '../a', 'a\u0000', ''];
      for (const [i, instanceUuid] of uuids.entries())
        await made.catalog.addRestorePoint(
          sampleRestorePoint({ id: `p${i}`, createdAtMs: i, instanceUuid }),
        );
      for (const [i, instanceUuid] of uuids.entries()) {
        const points = await made.catalog.restorePointsOfVm({ ...vm, instanceUuid });
        assert.deepEqual(
          points.map((point) => point.header.id),
          [`p${i}`],
        );
      }
    });

    it('replaces a point that is added again, also at another time', async () => {
      await using made = await make();
      await made.catalog.addRestorePoint(sampleRestorePoint({ id: 'a', createdAtMs: 1000 }));
      await made.catalog.addRestorePoint(sampleRestorePoint({ id: 'a', createdAtMs: 2000 }));
      const points = await made.catalog.restorePointsOfVm(vm);
      assert.deepEqual(
        points.map((point) => point.header.createdAtMs),
        [2000],
      );
    });

    it('forgets what was removed, and removing twice is harmless', async () => {
      await using made = await make();
      await made.catalog.addRestorePoint(sampleRestorePoint({ id: 'a', createdAtMs: 1000 }));
      await made.catalog.removeRestorePoint('a');
      await made.catalog.removeRestorePoint('a');
      assert.equal(await made.catalog.getRestorePoint('a'), undefined);
      assert.deepEqual(await made.catalog.restorePointsOfVm(vm), []);
    });
  });
}
