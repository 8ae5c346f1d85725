import assert from 'node:assert/strict';
import { after, before as beforeAll, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { demoScenario, smallSizes } from '#test/lab/scenario.ts';
import { openPageBench, type PageBench } from '#test/support/page-bench.ts';
import { PageClient } from '#test/support/page-client.ts';
import { liveEvents } from '#test/support/page-stream.ts';
import { backUpThroughPage, setUpThroughPages, untilEnded } from '#test/support/page-steps.ts';

const nightly = {
  name: 'Nightly',
  every: 'yes',
  cron: '0 22 * * *',
  timeZone: 'Europe/Berlin',
  missed: 'run-once',
  enabled: 'yes',
  daily: '7',
  weekly: '4',
  compression: 'zstd',
  onQuiesceFailure: 'crash-consistent',
  maxChainLength: '30',
  fulls: 'active',
  activeFullDays: '0',
};

let bench: PageBench;
let client: PageClient;
let point = '';
let where: Readonly<Record<string, string>> = {};
beforeAll(async () => {
  bench = await openPageBench({ lab: { scenario: demoScenario(smallSizes) } });
  client = new PageClient(bench.url);
  await client.signIn();
  await setUpThroughPages(bench, client);
});
after(() => bench[Symbol.asyncDispose]());

it('backs a VM up, shown live, with what was done and why', async () => {
  const path = await backUpThroughPage(client, 'demo-app');
  const seen: string[] = [];
  const announced: string[] = [];
  let last = '';
  for await (const { event, data } of liveEvents(client, `/live${path}`)) {
    seen.push(event === 'fragment' ? `${event} ${data['id']}` : event);
    if (event === 'announce') announced.push(data['text'] ?? '');
    if (data['id'] === 'run') last = data['html'] ?? '';
  }
  assert.equal(seen.at(-1), 'end', 'a page that reconnects for ever');
  assert.ok(seen.includes('fragment log') && seen.includes('fragment cancel'));
  assert.equal(announced.at(-1), 'Back up demo-app: done');
  assert.match(last, /first backup of this VM to this repository/);
  const ended = await client.get(path);
  assert.match(ended.body, /not hotadd-vddk: no VDDK is installed/);
  assert.ok(!ended.body.includes('Cancel and clean up'));
  const log = await client.get(`${path}/log`);
  assert.match(
    String(log.headers['content-disposition']),
    /attachment; filename="coldframe-run-\w+\.log"/,
  );
  assert.match(log.body, /Removing snapshot/);
  [, point = ''] = /href="(\/restore-points\/[^"]+)"/.exec(ended.body) ?? [];
  assert.ok(point);
  assert.match((await client.get('/')).body, /title="1 restore point">✓/);
});

it('refuses a job with a mistake, says which, and keeps what was typed', async () => {
  const { body } = await client.get('/jobs/new');
  where = Object.fromEntries(
    [...body.matchAll(/<select name="(endpoint|repository)"><option value="([^"]+)"/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );
  const cases: [Readonly<Record<string, string>>, RegExp][] = [
    [{ cron: '0 22 * *' }, /The schedule &quot;0 22 \* \*&quot;/],
    [{ cron: '0 0 30 2 *' }, /never comes/],
    [{ timeZone: 'Europe/Atlantis' }, /no such time zone/],
    [{ daily: '-1' }, /keep daily.*whole number/],
    [{ name: '' }, /name.*it is missing/],
    [{ repository: 'gone' }, /There is no repository/],
  ];
  for (const [wrong, words] of cases) {
    const answer = await client.post('/jobs', {
      ...nightly,
      ...where,
      ...wrong,
      exclude: 'kept-*',
    });
    assert.equal(answer.status, 422, JSON.stringify(wrong));
    assert.match(/role="alert">(.*?)<\/div>/s.exec(answer.body)?.[1] ?? '', words);
    assert.match(answer.body, />kept-\*<\/textarea>/);
  }
  const { every: _, ...nobody } = nightly;
  assert.match((await client.post('/jobs', { ...nobody, ...where })).body, /not said which VMs/);
  assert.match((await client.get('/jobs')).body, /No job yet/);
});

it('previews a job without saving it', async () => {
  const { body } = await client.post('/jobs/preview', { ...nightly, ...where });
  assert.match(body, /Nothing is saved yet/);
  assert.match(body, /VMs now:<\/strong> <bdi>demo-app<\/bdi>/);
  assert.match(body, /22:00 · /);
  assert.match(body, /After 400 days that is \d+ of (399|400|401)/);
  assert.match((await client.get('/jobs')).body, /No job yet/);
});

it('makes, runs, pauses, changes and deletes a job, and leaves the appliance out of it', async () => {
  const made = await client.post('/jobs', { ...nightly, ...where });
  assert.match(made.path, /^\/jobs\/\w+$/);
  assert.match(made.body, /this appliance itself/);
  assert.match(made.body, /1 VM if it ran now/);
  const ran = await untilEnded(client, (await client.post(`${made.path}/run`)).path);
  assert.match(ran.body, /changed blocks since/);
  assert.match(ran.body, /state good">done/);
  assert.match((await client.get('/jobs')).body, /state good">done/);
  assert.match((await client.post(`${made.path}/pause`)).body, /nothing while it is paused/);
  assert.match((await client.post(`${made.path}/resume`)).body, /22:00/);
  const changed = await client.post(made.path, { ...nightly, ...where, name: 'By hand', cron: '' });
  assert.match(changed.body, /only when asked to/);
  const twin = await client.post('/jobs', { ...nightly, ...where, name: 'By hand' });
  assert.match(twin.body, /There is a job &quot;By hand&quot; already/);
  const gone = await client.post(`${made.path}/delete`);
  assert.equal(gone.path, '/jobs');
  assert.match(gone.body, /No job yet/);
  assert.equal((await client.get(made.path)).status, 404);
});

it('shows what a restore would do, then restores to a new VM', async () => {
  const fields = { target: 'new-vm', name: 'demo-app-restored', readBack: 'full' };
  const plan = await client.post(`${point}/plan`, fields);
  assert.match(plan.body, /Nothing has been changed yet/);
  assert.match(plan.body, /a new VM named <bdi>demo-app-restored/);
  assert.equal((await bench.lab.state()).vms.length, 2, 'the plan changed something');
  const hidden = Object.fromEntries(
    [...plan.body.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );
  const run = await untilEnded(client, (await client.post(`${point}/restore`, hidden)).path);
  assert.match(run.body, /state good">done/);
  assert.ok((await bench.lab.state()).vms.some(({ name }) => name === 'demo-app-restored'));
  const again = await client.post(`${point}/plan`, fields);
  assert.match(again.body, /There is a VM named &quot;demo-app-restored&quot; already/);
  const long = await client.post(`${point}/plan`, { ...fields, name: 'x'.repeat(81) });
  assert.equal(long.status, 400, long.body);
});

it('rolls a VM back, and shows how much that wrote and why', async () => {
  const { lab } = bench;
  for (const { key } of (await lab.state()).vms.find(({ name }) => name === 'demo-app')!.disks)
    await lab.writeGuest({ vm: 'demo-app', key, offset: 3 << 20, length: 50_000, seed: 4 });
  const disks = { target: 'rollback', powerOff: 'yes', powerOn: 'yes', disk: 'scsi0-0' };
  const plan = await client.post(`${point}/plan`, disks);
  assert.match(plan.body, /Take a snapshot of demo-app to ask what has changed, and remove it/);
  assert.match(plan.body, /changed<br><small class="quiet">what has changed since, and differs/);
  const run = await client.post(`${point}/restore`, { ...disks, confirm: 'demo-app' });
  const ended = await untilEnded(client, run.path);
  assert.match(ended.body, /\(changed\)<br><small class="quiet">\d+ bytes have changed since/);
});

it('asks for every choice of a new VM', async () => {
  const fields = {
    target: 'new-vm',
    name: 'chosen',
    host: 'esx2.lab.invalid',
    folder: 'Lab/vm',
    datastore: 'nfs1',
    provisioning: 'thick',
    networks: 'VM Network = Backup',
    keepMac: 'yes',
    connect: 'yes',
  };
  const plan = await client.post(`${point}/plan`, fields);
  assert.match(plan.body, /in folder &quot;Lab\/vm&quot; on &quot;esx2\.lab\.invalid&quot;/);
  assert.match(plan.body, /new UUIDs and the MAC addresses of the original/);
  assert.match(plan.body, /VM Network&quot; to &quot;Backup&quot;/);
  assert.match(plan.body, /a new disk on <code><bdi>\[nfs1\]/);
  const bad = await client.post(`${point}/plan`, { ...fields, networks: 'LAN' });
  assert.match(bad.body, /write &quot;old = new&quot;/);
  const where = await client.post(`${point}/plan`, { ...fields, cluster: '', host: 'esx9' });
  assert.match(where.body, /There is no host &quot;esx9&quot;.*esx1\.lab\.invalid/);
});

it('overwrites a VM only when its name was typed', async () => {
  const fields = { target: 'in-place', powerOff: 'yes', disk: 'scsi0-0' };
  const running = await client.post(`${point}/plan`, { target: 'in-place', disk: 'scsi0-0' });
  assert.match(running.body, /it is running\. Power it off/);
  const plan = await client.post(`${point}/plan`, fields);
  assert.match(plan.body, /its disks are overwritten/);
  assert.match(plan.body, /is running and will be powered off/);
  for (const confirm of ['', 'demo', 'DEMO-APP']) {
    const refused = await client.post(`${point}/restore`, { ...fields, confirm });
    assert.match(refused.body, /Nothing was done/);
  }
  const run = await client.post(`${point}/restore`, { ...fields, confirm: 'demo-app' });
  const ended = await untilEnded(client, run.path);
  assert.match(ended.body, /state warn">done with warnings/);
  assert.match(ended.body, /scsi1-0\) of the VM is not restored and stays as it is/);
});

it('pins a restore point, and deletes none that another builds on', async () => {
  const pinned = await client.post(`${point}/pin`, { note: 'before <b>update</b>' });
  assert.match(pinned.body, /before &lt;b&gt;update&lt;\/b&gt;.*Retention never removes it/s);
  assert.match((await client.post(`${point}/unpin`)).body, /Keep it for good/);
  assert.match((await client.post(`${point}/remove`, { confirm: 'x' })).body, /Nothing was done/);
  const needed = await client.post(`${point}/remove`, { confirm: 'demo-app' });
  assert.ok(needed.status >= 400, 'the parent of an incremental went');
  assert.equal((await client.get(point)).status, 200);
});

it('verifies a restore point', async () => {
  const run = await untilEnded(client, (await client.post(`${point}/verify`)).path);
  assert.match(run.body, /state good">done/);
});

it('cancels a run and leaves nothing behind', async () => {
  // The snapshot stays in the making for long enough to be cancelled.
  await bench.lab.addFaults([{ on: 'CreateSnapshot_Task', action: { kind: 'delay', ms: 3000 } }]);
  await bench.lab.power({ vm: 'demo-app', on: true });
  const before = (await bench.lab.counters())['CreateSnapshot_Task'] ?? 0;
  const path = await backUpThroughPage(client, 'demo-app');
  const taken = async (): Promise<number> =>
    (await bench.lab.counters())['CreateSnapshot_Task'] ?? 0;
  for (let i = 0; i < 300 && (await taken()) === before; i++) await delay(50);
  const asked = await client.post(`${path}/cancel`);
  assert.equal(asked.path, path);
  assert.match((await untilEnded(client, path)).body, /cancelled/);
  const late = await client.post(`${path}/cancel`);
  assert.equal(late.status, 409);
  assert.match(late.body, /has already ended/);
  const state = await bench.lab.state();
  assert.deepEqual(
    state.vms.flatMap(({ snapshots }) => snapshots),
    [],
  );
  assert.deepEqual(state.attachments, []);
  assert.match((await client.get('/health')).body, /Nothing of ours is left on any endpoint/);
});

it('ends live pages of those who have signed out', async () => {
  const other = new PageClient(bench.url);
  await other.signIn();
  const events = liveEvents(other, '/live/dashboard');
  assert.equal((await events.next()).value?.event, 'fragment');
  await other.get('/');
  await other.post('/logout');
  let last = '';
  for await (const { event } of events) last = event;
  assert.equal(last, 'end');
});
