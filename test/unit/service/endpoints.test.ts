import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';

import { openCatalog, type Catalog } from '#catalog/open-catalog.ts';
import { Secret } from '#core/secret.ts';
import { createEndpoints, type Endpoints } from '#service/operations/endpoints.ts';
import { findVms } from '#service/operations/vm-query.ts';
import type { Vsphere } from '#service/ports.ts';
import { systemClock } from '#service/system-clock.ts';
import { startLab, type Lab } from '#test/lab/lab.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { countingIds } from '#test/support/test-clock.ts';
import { createVsphere } from '#vsphere/client.ts';

interface Bench extends AsyncDisposable {
  readonly lab: Lab;
  readonly catalog: Catalog;
  readonly vsphere: Vsphere;
  readonly endpoints: Endpoints;
  /** Passwords that the log was warned of. */
  readonly guarded: string[];
}

const { signal } = new AbortController();

/** A machine that is no VM of the lab's. */
const noDevices = { self: () => Promise.resolve({ biosUuids: [], macAddresses: [] }) };

async function openBench(): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const dir = join(folder.path, 'lab');
  const lab = stack.use(await startLab({ dir, scenario: demoScenario(smallSizes) }));
  const ids = countingIds();
  const clock = systemClock;
  const dataDir = join(folder.path, 'data');
  const catalog = stack.use(await openCatalog({ dataDir, clock, ids }));
  const quiet = { info: () => undefined, warn: () => undefined };
  const vsphere = createVsphere({ clock, userAgent: 'coldframe/test', log: quiet });
  const guarded: string[] = [];
  const guard = (password: Secret): void => void guarded.push(password.reveal());
  const { journal } = catalog;
  const endpoints = createEndpoints({
    store: catalog,
    journal,
    vsphere,
    devices: noDevices,
    ids,
    guard,
  });
  const kept = stack.move();
  return {
    lab,
    catalog,
    vsphere,
    endpoints,
    guarded,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function wanted({ lab }: Bench, name = 'lab') {
  return {
    name,
    address: lab.address,
    user: lab.user,
    password: new Secret(lab.password),
    thumbprint: lab.thumbprintSha256,
  };
}

it('saves an endpoint after it was looked at, and remembers which vCenter it was', async () => {
  await using bench = await openBench();
  const added = await bench.endpoints.add(wanted(bench), signal);
  assert.match(added.product, /vCenter/);
  assert.equal(added.vmCount, 2);
  assert.deepEqual(added.privilegeGaps, []);
  const [saved] = await bench.endpoints.list();
  assert.equal(saved?.instanceUuid, added.instanceUuid);
  assert.ok(!('password' in saved));
  assert.deepEqual(bench.guarded, [bench.lab.password]);
  assert.equal((await bench.endpoints.test('lab', signal)).vmCount, 2);
  assert.equal((await bench.endpoints.listVms(undefined, signal)).length, 2);
});

it('saves nothing when the login is refused', async () => {
  await using bench = await openBench();
  const wrong = { ...wanted(bench), password: new Secret('not-the-password') };
  await assert.rejects(bench.endpoints.add(wrong, signal), { code: 'login-refused' });
  assert.deepEqual(await bench.endpoints.list(), []);
  assert.deepEqual(bench.guarded, ['not-the-password']);
});

it('refuses a name that is taken and a vCenter that is there', async () => {
  await using bench = await openBench();
  await bench.endpoints.add(wanted(bench), signal);
  await assert.rejects(bench.endpoints.add(wanted(bench), signal), /already a.* endpoint "lab"/);
  await assert.rejects(
    bench.endpoints.add(wanted(bench, 'other'), signal),
    /is the endpoint "lab" already/,
  );
});

it('notices another vCenter at the same address', async () => {
  await using bench = await openBench();
  const { endpoint } = await bench.endpoints.add(wanted(bench), signal);
  await bench.catalog.saveEndpoint({ ...endpoint, instanceUuid: 'the-former-one' });
  await assert.rejects(bench.endpoints.test('lab', signal), /another vSphere server/);
});

it('takes a new password and a renewed certificate, when they work', async () => {
  await using bench = await openBench();
  const { endpoints, catalog, lab } = bench;
  const { endpoint } = await endpoints.add(wanted(bench), signal);
  const right = new Secret(lab.password);
  const wrong = new Secret('not-the-password');
  await assert.rejects(endpoints.update('lab', { password: wrong }, signal), {
    code: 'login-refused',
  });
  assert.equal((await endpoints.unlock('lab')).password.reveal(), lab.password);
  await assert.rejects(endpoints.update('lab', { thumbprint: null }, signal), {
    code: 'certificate-changed',
  });
  const otherPin = lab.thumbprintSha256.split(':').toReversed().join(':');
  await catalog.saveEndpoint({ ...endpoint, thumbprint: otherPin }, wrong);
  await assert.rejects(endpoints.test('lab', signal), { code: 'certificate-changed' });
  const change = { thumbprint: lab.thumbprintSha256, password: right };
  await endpoints.update('lab', change, signal);
  assert.equal((await endpoints.test('lab', signal)).vmCount, 2);
});

it('keeps an endpoint that is still needed to undo something', async () => {
  await using bench = await openBench();
  const { endpoint } = await bench.endpoints.add(wanted(bench), signal);
  const entry = await bench.catalog.journal.intend({
    taskId: 't',
    kind: 'snapshot',
    endpointId: endpoint.id,
    detail: { vmMoref: 'vm-1', snapshotName: 's' },
  });
  await assert.rejects(bench.endpoints.remove('lab'), { code: 'busy', message: /journal/ });
  await bench.catalog.journal.mark(entry.id, 'undone');
  await bench.endpoints.remove('lab');
  assert.deepEqual(await bench.endpoints.list(), []);
});

it('finds VMs by name, UUID and moref before anything is queued', async () => {
  await using bench = await openBench();
  await bench.endpoints.add(wanted(bench), signal);
  const [demo] = await findVms(bench, { endpoint: 'lab', vms: [{ name: 'demo-app' }] }, signal);
  const { moref, instanceUuid } = demo!;
  for (const query of [{ moref }, { instanceUuid }])
    assert.deepEqual(await findVms(bench, { endpoint: undefined, vms: [query] }, signal), [demo]);
  await assert.rejects(
    findVms(bench, { endpoint: 'lab', vms: [{ name: 'demo-app' }, { name: 'x' }] }, signal),
    { code: 'not-found', message: /no VM "x" on lab/ },
  );
});
