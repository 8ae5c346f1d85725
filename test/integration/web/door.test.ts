import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import { openPageBench, pagePassword, type PageBench } from '#test/support/page-bench.ts';
import { PageClient } from '#test/support/page-client.ts';

let bench: PageBench;
before(async () => {
  bench = await openPageBench({ firstUse: true });
});
after(() => bench[Symbol.asyncDispose]());

it('asks the first visitor for a password, and nobody afterwards', async () => {
  const client = new PageClient(bench.url);
  const welcome = await client.get('/');
  assert.match(welcome.body, /Choose the administrator's password/);
  const set = (password: string, again = password) =>
    client.post('/first-password', { password, again });
  assert.match((await set('too short')).body, /role="alert"[^]*too short/);
  assert.match((await set(pagePassword, 'another one entirely')).body, /The two passwords differ/);
  const done = await set(pagePassword);
  assert.equal(done.path, '/');
  assert.match(done.body, /<h1>Dashboard<\/h1>/);
  assert.match(done.body, /Add your vCenter or ESXi host/);
  const second = await new PageClient(bench.url).post('/first-password', {
    password: 'mine from now on, I think',
    again: 'mine from now on, I think',
  });
  assert.equal(second.status, 403);
});

it('shows nothing to those who have not signed in, and leads them back', async () => {
  const client = new PageClient(bench.url);
  for (const path of [
    '/',
    '/vms',
    '/jobs',
    '/runs',
    '/restore-points',
    '/repositories',
    '/health',
    '/settings',
    '/live/dashboard',
  ]) {
    const { status, headers } = await client.send('GET', path);
    assert.equal(status, 302, path);
    assert.equal(headers.location, `/login?next=${encodeURIComponent(path)}`);
  }
  const entered = await client.post('/login', { password: pagePassword, next: '/jobs' });
  assert.equal(entered.path, '/jobs');
  for (const next of ['https://evil.example/', '//evil.example', '/\\evil.example']) {
    const answer = await client.send('POST', '/login', {
      fields: { password: pagePassword, next },
    });
    assert.equal(answer.headers.location, '/', next);
  }
});

it('sets a cookie that neither scripts nor other sites can use, and forgets it at the end', async () => {
  const client = new PageClient(bench.url);
  const entered = await client.send('POST', '/login', { fields: { password: pagePassword } });
  const [cookie = ''] = entered.headers['set-cookie'] ?? [];
  for (const word of ['httponly', 'secure', 'samesite=strict'])
    assert.match(cookie.toLowerCase(), new RegExp(word));
  await client.get('/');
  const left = await client.post('/logout');
  assert.match(left.body, /<h1>Sign in<\/h1>/);
  const replay = await client.send('GET', '/', { headers: { cookie: cookie.split(';')[0]! } });
  assert.equal(replay.status, 302);
});

it('says on every answer that nothing of others may run or frame it', async () => {
  const client = new PageClient(bench.url);
  await client.signIn();
  for (const path of ['/login', '/', '/nothing', '/static/live.js', '/static/style.css']) {
    const { headers } = await client.send('GET', path);
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/, path);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!policy.includes('unsafe'));
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.match(String(headers['strict-transport-security']), /max-age/);
  }
  const { body } = await client.get('/');
  assert.ok(!/<script(?![^>]* src="\/static\/)/.test(body), 'an inline script');
  assert.ok(!/ (style|on[a-z]+)="/.test(body), 'an inline style or handler');
  assert.ok(!/(src|href)="(https?:)?\/\//.test(body), 'something of another host');
});

it('refuses forms without their token, of another sign-in, and of other sites', async () => {
  const client = new PageClient(bench.url);
  await client.signIn();
  const fields = { name: 'x', root: '/x' };
  const bare = await client.send('POST', '/repositories', { fields });
  assert.equal(bare.status, 403);
  assert.match(bare.body, /This form is too old/);
  const other = new PageClient(bench.url);
  const theirs = /name="csrf" value="([^"]+)"/.exec((await other.signIn()).body)?.[1] ?? '';
  assert.ok(theirs);
  const crossed = await client.send('POST', '/repositories', {
    fields: { ...fields, csrf: theirs },
  });
  assert.equal(crossed.status, 403);
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const answer = await client.send('POST', '/login', {
      fields: { password: pagePassword },
      headers,
    });
    assert.equal(answer.status, 403, JSON.stringify(headers));
  }
});

it('answers what it cannot read with a page and its reason', async () => {
  const client = new PageClient(bench.url);
  await client.signIn();
  const missing = await client.get('/nothing/here');
  assert.equal(missing.status, 404);
  assert.match(missing.body, /There is no page \/nothing\/here/);
  const large = await client.post('/repositories', { name: 'x'.repeat(70_000) });
  assert.equal(large.status, 400);
  const json = await client.send('POST', '/repositories', {
    fields: {},
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(json.status, 400);
  for (const path of [
    '/runs/none',
    '/live/runs/none',
    '/runs/none/log',
    '/restore-points/none',
    '/jobs/none',
    '/vms/none/vm-1',
  ])
    assert.equal((await client.get(path)).status, 404, path);
  assert.ok(!bench.log().includes('A page failed'), bench.log());
});

it('changes the password and signs everybody else out', async () => {
  const [mine, theirs] = [new PageClient(bench.url), new PageClient(bench.url)];
  await mine.signIn();
  await theirs.signIn();
  const fresh = 'a newer and longer sentence';
  const change = (old: string) =>
    mine.post('/account/password', { old, password: fresh, again: fresh });
  assert.match((await change('not the old one')).body, /Nothing was changed/);
  assert.equal((await change(pagePassword)).path, '/account');
  assert.match((await theirs.get('/')).body, /<h1>Sign in<\/h1>/);
  assert.match(
    (await new PageClient(bench.url).signIn()).body,
    /User, password or code are not right/,
  );
  assert.match((await new PageClient(bench.url).signIn(fresh)).body, /Dashboard/);
});

it('slows guessing down, the right password included, and tells nobody which names there are', async () => {
  const client = new PageClient(bench.url);
  await client.signIn('a newer and longer sentence');
  for (let i = 0; i < 4; i++)
    assert.match((await client.signIn(`wrong ${i}`)).body, /User, password or code are not right/);
  const early = await client.signIn('a newer and longer sentence');
  assert.equal(early.status, 409);
  assert.match(early.body, /Too many wrong passwords. Try again in \d+ seconds/);
  const unknown = await client.signIn('a newer and longer sentence', 'nobody');
  assert.match(unknown.body, /User, password or code are not right/);
});
