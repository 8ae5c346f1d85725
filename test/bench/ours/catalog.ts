import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { openCatalog, type Catalog } from '#catalog/open-catalog.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { countingIds, testClock } from '#test/support/test-clock.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';

/** Fills a catalog with restore points, opens it again and says what that and its lists took, as one line of JSON. */
const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: '.' },
    points: { type: 'string', default: '1000' },
    'lib-dir': { type: 'string' },
  },
});

const total = Number(values.points);
const vms = 2000;
const repositories = 4;
const hourMs = 3_600_000;

function point(i: number): RestorePoint {
  const vm = i % vms;
  const made = sampleRestorePoint({
    id: `point${String(i).padStart(11, '0')}`,
    createdAtMs: i * hourMs,
    instanceUuid: `5000a9a2-0000-4000-8000-${String(vm).padStart(12, '0')}`,
    repositoryId: `repository${vm % repositories}`,
  });
  const { header } = made;
  return { ...made, header: { ...header, vm: { ...header.vm, name: `vm-${vm}` } } };
}

async function* batches(): AsyncGenerator<RestorePoint[]> {
  for (let at = 0; at < total; at += 5000)
    yield Array.from({ length: Math.min(5000, total - at) }, (_, i) => point(at + i));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

const dataDir = await mkdtemp(join(values.dir, 'catalog-'));
try {
  const open = (): Promise<Catalog> =>
    openCatalog({ dataDir, clock: testClock(), ids: countingIds() });
  const fillMs = await timed(async () => {
    await using catalog = await open();
    for await (const batch of batches()) await catalog.addRestorePoints(batch);
  });
  let catalog: Catalog | undefined;
  const openMs = await timed(async () => {
    catalog = await open();
  });
  await using opened = catalog!;
  const middle = point(Math.floor(total / 2)).header;
  const page = { limit: 100, after: middle };
  const figures = {
    points: total,
    fillMs,
    openMs,
    newestMs: await timed(() => opened.listRestorePoints({ limit: 100 })),
    vmMs: await timed(() =>
      opened.listRestorePoints({ ...page, filter: { by: 'word', word: 'vm-7' } }),
    ),
    repositoryMs: await timed(() =>
      opened.listRestorePoints({
        ...page,
        filter: { by: 'repository', repositoryId: 'repository3' },
      }),
    ),
    // What prune and a backup ask for first.
    ofVmMs: await timed(() => opened.restorePointsOfVm(middle.vm)),
    timesMs: await timed(() => opened.restorePointTimes()),
    addMs: await timed(() => opened.addRestorePoint(point(total))),
    timesAgainMs: await timed(() => opened.restorePointTimes()),
    residentMiB: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
