import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import type { JournalPort } from '#engine/ports.ts';

const snapshotIntent = {
  taskId: 'task1',
  kind: 'snapshot',
  endpointId: 'endpoint1',
  detail: { vmMoref: 'vm-42', snapshotName: 'coldframe backup' },
} as const;

/** What every JournalPort must do; `make` gives an empty one. */
export function journalPortContract(
  name: string,
  make: () => Promise<
    { readonly journal: JournalPort; readonly applianceId: string } & AsyncDisposable
  >,
): void {
  describe(`JournalPort: ${name}`, () => {
    it('records an intent with a marker that carries appliance and entry', async () => {
      await using made = await make();
      const entry = await made.journal.intend(snapshotIntent);
      assert.equal(entry.marker, `coldframe:${made.applianceId}:${entry.id}`);
      assert.equal(entry.state, 'intended');
      assert.deepEqual(entry.detail, snapshotIntent.detail);
      assert.deepEqual(await made.journal.open(), [entry]);
    });

    it('goes from intended to done to undone and then is open no more', async () => {
      await using made = await make();
      const { id } = await made.journal.intend(snapshotIntent);
      await made.journal.mark(id, 'done');
      assert.deepEqual(
        (await made.journal.open()).map((entry) => entry.state),
        ['done'],
      );
      await made.journal.mark(id, 'undone');
      assert.deepEqual(await made.journal.open(), []);
    });

    it('keeps the last failure to undo, and drops it when a later try has none', async () => {
      await using made = await make();
      const { id } = await made.journal.intend(snapshotIntent);
      await made.journal.mark(id, 'done', 'the host does not answer');
      assert.equal((await made.journal.open())[0]?.lastFailure, 'the host does not answer');
      await made.journal.mark(id, 'done');
      assert.equal((await made.journal.open())[0]?.lastFailure, undefined);
    });

    it('takes the same mark twice', async () => {
      await using made = await make();
      const { id } = await made.journal.intend(snapshotIntent);
      for (const state of ['done', 'done', 'undone', 'undone'] as const)
        await made.journal.mark(id, state);
      assert.deepEqual(await made.journal.open(), []);
    });

    it('refuses to go back', async () => {
      await using made = await make();
      const { id } = await made.journal.intend(snapshotIntent);
      await made.journal.mark(id, 'done');
      await assert.rejects(made.journal.mark(id, 'intended'), hasCode('internal'));
      await made.journal.mark(id, 'undone');
      await assert.rejects(made.journal.mark(id, 'done'), hasCode('not-found'));
    });

    it('refuses an entry that it never had', async () => {
      await using made = await make();
      await assert.rejects(made.journal.mark('nothing', 'undone'), hasCode('not-found'));
    });

    it('lists open entries oldest first, also when intents overlap', async () => {
      await using made = await make();
      const entries = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          made.journal.intend({ ...snapshotIntent, taskId: `task${i}` }),
        ),
      );
      await Promise.all(entries.map((entry) => made.journal.mark(entry.id, 'done')));
      const open = await made.journal.open();
      assert.deepEqual(
        open.map((entry) => entry.taskId),
        Array.from({ length: 20 }, (_, i) => `task${i}`),
      );
      assert.ok(open.every((entry) => entry.state === 'done'));
    });
  });
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ColdframeError && error.code === code;
}
