import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import { demoScenario, smallSizes } from '#test/lab/scenario.ts';
import { escapeHtml } from '#service/web/html.ts';
import { hostileNames, hostileVms } from '#test/support/hostile-names.ts';
import { openPageBench, type PageBench } from '#test/support/page-bench.ts';
import { PageClient } from '#test/support/page-client.ts';
import { setUpThroughPages } from '#test/support/page-steps.ts';

const rooms = [
  '/',
  '/vms',
  '/jobs',
  '/runs',
  '/restore-points',
  '/repositories',
  '/health',
  '/settings',
];

let bench: PageBench;
let client: PageClient;
before(async () => {
  const scenario = demoScenario(smallSizes);
  bench = await openPageBench({
    lab: { scenario: { ...scenario, vms: [...scenario.vms, ...hostileVms] } },
  });
  client = new PageClient(bench.url);
  await client.signIn();
});
after(() => bench[Symbol.asyncDispose]());

it('has words for every page while there is nothing to show', async () => {
  for (const path of rooms) assert.equal((await client.get(path)).status, 200, path);
  assert.match((await client.get('/vms')).body, /No endpoint shows a VM/);
  assert.match((await client.get('/jobs')).body, /No job yet/);
  assert.match((await client.get('/runs')).body, /Nothing has run yet/);
  assert.match((await client.get('/repositories')).body, /No repository yet/);
  const early = await client.get('/jobs/new');
  assert.equal(early.status, 409);
  assert.match(early.body, /A job needs an endpoint and a repository/);
});

it('says what is wrong with a repository or an endpoint, and saves nothing', async () => {
  const relative = await client.post('/repositories', { name: 'r', root: 'somewhere' });
  assert.match(relative.body, /&quot;somewhere&quot; is no NFS export\. Write it like nfs/);
  const nameless = await client.post('/repositories', { root: bench.repositoryRoot });
  assert.match(nameless.body, /The name is missing/);
  assert.match((await client.get('/repositories')).body, /No repository yet/);
  const { address, user, thumbprintSha256 } = bench.lab;
  const away = await client.post('/settings/endpoints/look', {
    name: 'a',
    address: '127.0.0.1:1',
    user,
  });
  assert.equal(away.status, 502);
  const fields = { name: 'lab', address, user, thumbprint: thumbprintSha256 };
  const refused = await client.post('/settings/endpoints', { ...fields, password: 'wrong' });
  assert.equal(refused.status, 422);
  const changed = await client.post('/settings/endpoints', {
    ...fields,
    thumbprint: thumbprintSha256.replace(/^../, thumbprintSha256.startsWith('00') ? '01' : '00'),
    password: bench.lab.password,
  });
  assert.notEqual(changed.status, 200, 'the password went to a server with another certificate');
  assert.match((await client.get('/settings')).body, /No endpoint yet/);
});

it('adds an endpoint after its certificate is confirmed, and a repository', async () => {
  await setUpThroughPages(bench, client);
  assert.match((await client.get('/repositories')).body, /ready/);
  const vms = await client.get('/vms');
  assert.match(vms.body, /7 VMs, as the endpoints showed them/);
  assert.match(vms.body, /this appliance/);
  const [, id = ''] =
    /\/settings\/endpoints\/([^/]+)\/test/.exec((await client.get('/settings')).body) ?? [];
  assert.match((await client.post(`/settings/endpoints/${id}/test`)).body, /lab answers: .*7 VMs/);
});

it('shows hostile names as text on every page that has them', async () => {
  for (const path of ['/', '/vms', '/jobs/new']) {
    const { body } = await client.get(path);
    for (const name of hostileNames) {
      assert.ok(body.includes(`<bdi>${escapeHtml(name)}</bdi>`), `${path}: ${name}`);
      assert.ok(!body.includes('<script>window') && !body.includes('<img src=x'), path);
    }
  }
  const { body } = await client.get('/vms');
  for (const [, path = ''] of body.matchAll(/href="(\/vms\/[^"]+)"/g)) {
    const page = await client.get(path);
    assert.equal(page.status, 200);
    assert.ok(!page.body.includes('<script>window') && !page.body.includes('<img src=x'), path);
  }
  const echoed = await client.get('/vms?q=%22%3E%3Cscript%3E');
  assert.ok(echoed.body.includes('value="&quot;&gt;&lt;script&gt;"'));
  const missing = await client.get('/%3Cscript%3Ewindow');
  assert.ok(!missing.body.includes('<script>window'));
});

it('finds VMs by words and by state', async () => {
  assert.match((await client.get('/vms?q=DEMO')).body, /1 VM, as/);
  assert.match((await client.get('/vms?q=hostile')).body, /5 VMs, as/);
  assert.match((await client.get('/vms?show=unprotected')).body, /6 VMs, as/);
  assert.match((await client.get('/vms?show=protected')).body, /No VM fits/);
  assert.equal((await client.get('/vms?from=-5&show=odd')).status, 200);
});

it('says of a VM what a backup would meet', async () => {
  await bench.lab.addForeignSnapshot({ vm: 'demo-app', name: 'by hand' });
  const [, path = ''] =
    /href="(\/vms\/[^"]+)"><bdi>demo-app/.exec((await client.get('/vms')).body) ?? [];
  const { body } = await client.get(path);
  assert.match(body, /The VM has 1 snapshot already/);
  assert.match(body, /Hard disk 2/);
  assert.match(body, /No restore point yet/);
});

it('shows an endpoint that is away without losing the page', async () => {
  await bench.lab.addFaults([{ on: 'WaitForUpdatesEx', times: 1000, action: { kind: 'drop' } }]);
  // Whatever is posted makes the page look anew.
  await client.post('/health/recover');
  const { status, body } = await client.get('/vms');
  assert.equal(status, 200);
  assert.match(body, /Endpoint <bdi>lab<\/bdi>: /);
  await bench.lab.clearFaults();
});
