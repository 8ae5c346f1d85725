/** Child of journal.test.ts: writes intents until it is killed, telling each one when durable. */
import { openCatalog } from '#catalog/open-catalog.ts';
import { countingIds, testClock } from '#test/support/test-clock.ts';

const catalog = await openCatalog({
  dataDir: process.argv[2]!,
  clock: testClock(),
  ids: countingIds(),
});
for (;;) {
  const entry = await catalog.journal.intend({
    taskId: 'task1',
    kind: 'snapshot',
    endpointId: 'endpoint1',
    detail: { vmMoref: 'vm-42', snapshotName: 'coldframe backup' },
  });
  process.send?.(entry.id);
}
