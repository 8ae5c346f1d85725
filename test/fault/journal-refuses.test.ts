import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { backUpVm } from '#engine/back-up-vm.ts';
import type { JournalPort, MoverPort } from '#engine/ports.ts';
import { labGround } from '#test/support/lab-ground.ts';

suite('a journal that cannot be written once the archive is committed', () => {
  for (const refusals of [1, 2, 100])
    test(`${refusals} times: the restore point stands, with warnings`, async () => {
      await using ground = await labGround({ vddk: true });
      const { bench, signal } = ground;
      const { journal } = bench.context;
      let left = 0;
      const mover: MoverPort = {
        run: async (order, options) => {
          const result = await bench.context.mover.run(order, options);
          if (order.kind === 'backup') left = refusals;
          return result;
        },
      };
      const full: JournalPort = {
        intend: (entry) => journal.intend(entry),
        open: () => journal.open(),
        mark: (id, state, note) =>
          left-- > 0
            ? Promise.reject(new Error('no space left on device'))
            : journal.mark(id, state, note),
      };
      const request = bench.backup({}, { transports: ['hotadd-vddk'] });
      const context = { ...bench.context, mover, journal: full };
      const { restorePoint, warnings } = await backUpVm(context, request, { signal });
      assert.match(warnings.join('\n'), /no space left on device/);
      assert.ok(await bench.catalog.getRestorePoint(restorePoint.header.id));
      assert.deepEqual((await ground.recover()).open, []);
      await ground.assertTidy();
      assert.ok(await bench.catalog.getRestorePoint(restorePoint.header.id));
    });
});
