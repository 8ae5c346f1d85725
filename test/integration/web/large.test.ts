import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import type { Catalog } from '#catalog/open-catalog.ts';
import { Secret } from '#core/secret.ts';
import { systemClock } from '#service/system-clock.ts';
import type { Lab } from '#test/lab/lab.ts';
import { demoScenario, smallSizes, type VmScenario } from '#test/lab/scenario.ts';
import { openPageBench, type PageBench } from '#test/support/page-bench.ts';
import { PageClient } from '#test/support/page-client.ts';
import { setUpThroughPages } from '#test/support/page-steps.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { createVsphere } from '#vsphere/client.ts';

const vmCount = 2000;
const pointsEach = 10;
const dayMs = 86_400_000;
const pages = [
  '/',
  '/vms',
  '/vms?show=unprotected',
  '/vms?q=server-19&from=100',
  '/jobs/new',
  '/runs',
  '/restore-points',
  '/repositories',
  '/health',
];

function vmUuid(i: number): string {
  return `50000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
}

function vms(): readonly VmScenario[] {
  return Array.from({ length: vmCount }, (_, i) => ({
    name: `server-${i}`,
    folder: `Group ${i % 20}`,
    instanceUuid: vmUuid(i),
    disks: [],
  }));
}

async function fill(catalog: Catalog, lab: Lab): Promise<void> {
  const endpointUuid = await instanceUuidOf(lab);
  const now = Date.now();
  // The last hundred VMs have none, the hundred before them only old ones.
  const points = Array.from({ length: pointsEach * vmCount }, (_, i) => {
    const [vm, day] = [i % vmCount, Math.floor(i / vmCount)];
    const point = sampleRestorePoint({
      id: `point${String(i).padStart(11, '0')}`,
      createdAtMs: now - (day + (vm >= vmCount - 200 ? 2 : 0)) * dayMs - vm,
      instanceUuid: vmUuid(vm),
      vmName: `server-${vm}`,
    });
    return { ...point, header: { ...point.header, vm: { ...point.header.vm, endpointUuid } } };
  });
  const kept = points.filter((_, i) => i % vmCount < vmCount - 100);
  await catalog.replaceRestorePoints('repository000001', kept);
}

async function instanceUuidOf(lab: Lab): Promise<string> {
  const vsphere = createVsphere({
    clock: systemClock,
    userAgent: 'coldframe/test',
    log: { info: () => undefined, warn: () => undefined },
  });
  const { address, user, password, thumbprintSha256: thumbprint } = lab;
  await using connection = await vsphere.connect(
    { id: 'lab', name: 'lab', address, user, password: new Secret(password), thumbprint },
    AbortSignal.timeout(60_000),
  );
  return connection.about.instanceUuid;
}

let bench: PageBench;
let client: PageClient;
before(async () => {
  const scenario = demoScenario(smallSizes);
  bench = await openPageBench({
    lab: { scenario: { ...scenario, vms: [...scenario.vms, ...vms()] } },
    prepare: fill,
  });
  client = new PageClient(bench.url);
  await client.signIn();
  await setUpThroughPages(bench, client);
});
after(() => bench[Symbol.asyncDispose]());

it('counts every VM once, by its newest restore point', async () => {
  const { body } = await client.get('/');
  const figures = [...body.matchAll(/show=(protected|late|unprotected)">(\d+)</g)].map(
    ([, show = '', n = '']) => [show, Number(n)],
  );
  assert.deepEqual(Object.fromEntries(figures), {
    protected: vmCount - 200,
    late: 100,
    // demo-app has none either.
    unprotected: 101,
  });
});

it('keeps every page small, whatever it is about', async (t) => {
  for (const path of pages) {
    const startedMs = performance.now();
    const { status, body } = await client.get(path);
    assert.equal(status, 200, path);
    assert.ok(body.length < 250_000, `${path} has ${body.length} characters`);
    t.diagnostic(`${path}: ${Math.round(performance.now() - startedMs)} ms`);
  }
});

it('does not ask the endpoint anew for each page', async () => {
  const before = await bench.lab.counters();
  for (const path of [...pages, ...pages]) await client.get(path);
  const after = await bench.lab.counters();
  const asked = (counters: typeof after): number => counters['RetrievePropertiesEx'] ?? 0;
  // At most one look at the inventory, should the half minute be over meanwhile.
  assert.ok(asked(after) - asked(before) <= asked(before), JSON.stringify({ before, after }));
});

it('leads through the whole list page by page', async () => {
  const seen = new Set<string>();
  let path: string | undefined = '/vms?q=server-';
  while (path !== undefined) {
    const { body }: { body: string } = await client.get(path);
    for (const [, name = ''] of body.matchAll(/<bdi>(server-\d+)<\/bdi>/g)) seen.add(name);
    path = /class="further"><a href="([^"]+)"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
  }
  assert.equal(seen.size, vmCount);
});
