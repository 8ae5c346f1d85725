import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import { Secret } from '#core/secret.ts';
import { namedRoutes } from '#service/auth/permissions.ts';
import { totpCode, totpStep } from '#service/auth/totp.ts';
import { ownPasswordField } from '#service/web/pages/password-again.ts';
import { openPageBench, pagePassword, type PageBench } from '#test/support/page-bench.ts';
import { PageClient, type PageAnswer } from '#test/support/page-client.ts';

const evasPassword = 'eva has a long sentence';

let bench: PageBench;
let admin: PageClient;
before(async () => {
  bench = await openPageBench();
  admin = new PageClient(bench.url);
  await admin.signIn();
  await admin.post('/settings/endpoints', {
    name: 'lab',
    address: bench.lab.address,
    user: bench.lab.user,
    password: bench.lab.password,
    thumbprint: bench.lab.thumbprintSha256,
  });
  await admin.post('/repositories', { name: 'main', root: bench.repositoryRoot });
  const { body } = await admin.get('/jobs/new');
  const chosen = (name: string): string =>
    new RegExp(`<select name="${name}"><option value="([^"]+)"`).exec(body)![1]!;
  const job = await admin.post('/jobs', {
    name: 'nightly',
    endpoint: chosen('endpoint'),
    repository: chosen('repository'),
    every: 'yes',
    cron: '',
    timeZone: 'UTC',
    missed: 'skip',
    daily: '7',
    compression: 'none',
    onQuiesceFailure: 'crash-consistent',
    maxChainLength: '14',
    fulls: 'active',
    activeFullDays: '0',
  });
  assert.match(job.path, /^\/jobs\//, job.body);
  for (const [name, role] of [
    ['eva', 'viewer'],
    ['otto', 'operator'],
  ] as const) {
    await admin.get('/settings/users');
    const added = await admin.post('/settings/users', { name, role, password: evasPassword });
    assert.equal(added.path, '/settings/users', added.body);
  }
});
after(() => bench[Symbol.asyncDispose]());

async function signedIn(user: string): Promise<PageClient> {
  const client = new PageClient(bench.url);
  assert.equal((await client.signIn(evasPassword, user)).path, '/');
  return client;
}

function formsOf({ body }: PageAnswer): string[] {
  return [...body.matchAll(/<form\b[^>]*method="post"[^>]*action="([^"]*)"/g)].map(
    (match) => match[1]!,
  );
}

const rooms = ['/', '/vms', '/jobs', '/runs', '/restore-points', '/repositories', '/health'];

it('shows a viewer every room, and no button that is not for him', async () => {
  const eva = await signedIn('eva');
  for (const path of [...rooms, '/settings']) {
    const page = await eva.get(path);
    assert.equal(page.status, 200, path);
    assert.deepEqual(formsOf(page), ['/logout'], path);
    assert.ok(!/<a class="button[^"]*" href="\/(jobs\/new|settings\/)/.test(page.body), path);
    assert.ok(formsOf(await admin.get(path)).includes('/logout'));
  }
  assert.deepEqual(formsOf(await eva.get('/account')), [
    '/logout',
    '/account/password',
    '/account/second-factor',
  ]);
  for (const path of [
    '/jobs/new',
    '/settings/users',
    '/settings/tokens',
    '/settings/audit',
    '/settings/notifications',
  ]) {
    const refused = await eva.get(path);
    assert.equal(refused.status, 403, path);
    assert.match(refused.body, /Your role is viewer; this needs the role administrator/);
  }
});

it('refuses what a viewer posts all the same, and changes nothing', async () => {
  const eva = await signedIn('eva');
  await eva.get('/');
  for (const path of [
    '/repositories',
    '/settings/endpoints',
    '/settings/users',
    '/settings/users/admin/password',
    '/settings/tokens',
    '/vms/back-up',
    '/health/recover',
    '/jobs',
    '/runs/x/cancel',
    '/restore-points/x/restore',
    '/restore-points/x/remove',
  ]) {
    const refused = await eva.post(path, { name: 'x', root: '/x', password: evasPassword });
    assert.equal(refused.status, 403, path);
  }
  assert.match((await admin.get('/settings/audit')).body, /POST \/restore-points\/:id\/remove/);
});

it('lets an operator run what is there and shape nothing', async () => {
  const otto = await signedIn('otto');
  const forms = formsOf(await otto.get('/repositories'));
  assert.ok(forms.some((action) => /\/repositories\/[^/]+\/rebuild$/.test(action)));
  assert.ok(!forms.includes('/repositories'));
  assert.ok(!forms.some((action) => action.endsWith('/remove')));
  assert.equal((await otto.post('/repositories', { name: 'x', root: '/x' })).status, 403);
  assert.equal((await otto.post('/health/recover')).status, 200);
});

it('asks for the password again before it deletes, and carries what was posted', async () => {
  const body = (await admin.get('/repositories')).body;
  const path = /action="(\/repositories\/[^"]+\/remove)"/.exec(body)![1]!;
  const asked = await admin.send('POST', path, {
    fields: { csrf: csrfIn(body), note: 'a "note"' },
  });
  assert.equal(asked.status, 200);
  assert.match(asked.body, /Nothing has been done yet/);
  assert.match(asked.body, /name="note" value="a &quot;note&quot;"/);
  const wrong = await admin.send('POST', path, {
    fields: { csrf: csrfIn(body), [ownPasswordField]: 'not it at all' },
  });
  assert.match(wrong.body, /That is not your password/);
  assert.match((await admin.get('/repositories')).body, /action="\/repositories\/[^"]+\/remove"/);
  assert.equal((await admin.post(path)).path, '/repositories');
  assert.doesNotMatch((await admin.get('/repositories')).body, /\/remove"/);
});

it('ends the sign-in of a user whose role changes or who is removed', async () => {
  const eva = await signedIn('eva');
  await admin.get('/settings/users');
  await admin.post('/settings/users/eva/role', { role: 'operator' });
  assert.match((await eva.get('/')).body, /<h1>Sign in<\/h1>/);
  await eva.signIn(evasPassword, 'eva');
  await admin.post('/settings/users/eva/remove');
  assert.match((await eva.get('/')).body, /<h1>Sign in<\/h1>/);
  assert.equal((await eva.signIn(evasPassword, 'eva')).status, 422);
});

it('sets up a second factor and asks for it from then on', async () => {
  const otto = await signedIn('otto');
  await otto.get('/account');
  const offer = await otto.post('/account/second-factor');
  const secret = new Secret(/name="secret" value="([A-Z2-7]{32})"/.exec(offer.body)![1]!);
  const switchOn = (code: string, old = evasPassword) =>
    otto.post('/account/second-factor', { secret: secret.reveal(), code, old });
  assert.match((await switchOn('12345')).body, /the code does not fit/);
  const step = totpStep(Date.now());
  assert.match((await switchOn(totpCode(secret, step))).body, /The second factor is on/);
  const without = new PageClient(bench.url);
  assert.equal((await without.signIn(evasPassword, 'otto')).status, 422);
  const entered = await without.post('/login', {
    user: 'otto',
    password: evasPassword,
    code: totpCode(secret, Math.max(step + 1, totpStep(Date.now()))),
    next: '/',
  });
  assert.equal(entered.path, '/');
});

it('makes tokens on a page that shows them once, and takes them at the API of that address', async () => {
  await admin.get('/settings/tokens');
  const made = await admin.post('/settings/tokens', { name: 'ci', role: 'viewer', days: '30' });
  const token = /<code>(cf_[\w-]+)<\/code>/.exec(made.body)![1]!;
  assert.ok(!(await admin.get('/settings/tokens')).body.includes(token));
  const call = async (method: 'GET' | 'POST', path: string, given = token) =>
    (await admin.send(method, `/api/v1${path}`, { headers: { authorization: `Bearer ${given}` } }))
      .status;
  assert.equal(await call('GET', '/health'), 200);
  assert.equal(await call('POST', '/journal/recover'), 403);
  assert.equal(await call('GET', '/users'), 403);
  assert.equal(await call('GET', '/health', `${token}x`), 401);
  const cookieOnly = await admin.send('GET', '/api/v1/health');
  assert.equal(cookieOnly.status, 401, 'a sign-in of the page opens nothing at the API');
});

it('has every page that the table of roles names', async () => {
  await admin.get('/');
  for (const named of namedRoutes('page').filter((name) => name !== 'POST /logout')) {
    const [method = '', route = ''] = named.split(' ');
    const path = route.replaceAll(/:\w+/g, 'x');
    const answer = method === 'GET' ? await admin.get(path) : await admin.post(path);
    assert.doesNotMatch(answer.body, /There is no page/, named);
  }
});

it('writes down who did what, without secrets, in a chain that holds', async () => {
  const page = await admin.get('/settings/audit?check=yes');
  assert.match(page.body, /all as they were written/);
  for (const words of ['sign in', 'POST /settings/users', 'password again'])
    assert.ok(page.body.includes(words), words);
  for (const secret of [pagePassword, evasPassword, bench.lab.password])
    assert.ok(!page.body.includes(secret));
  assert.ok(!bench.log().includes(evasPassword));
});

function csrfIn(body: string): string {
  return /name="csrf" value="([^"]+)"/.exec(body)![1]!;
}
