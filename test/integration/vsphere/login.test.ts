import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '#core/secret.ts';
import { probeCertificate } from '#vsphere/certificate.ts';
import { createVsphere } from '#vsphere/client.ts';
import { fastClock, impatientClock, labClient, labEndpoint } from './lab-client.ts';

test('the certificate can be looked at before it is confirmed', async () => {
  await using client = await labClient();
  const certificate = await probeCertificate(client.lab.address, { clock: fastClock(1) });
  assert.equal(certificate.sha256, client.lab.thumbprintSha256);
  assert.equal(certificate.sha1, client.lab.thumbprintSha1);
  assert.match(certificate.subject, /CN=localhost/);
  assert.ok(Date.parse(certificate.validFrom) < Date.parse(certificate.validTo));
});

test('what VDDK needs of the server is told', async () => {
  await using client = await labClient();
  const [host, port] = client.lab.address.split(':');
  assert.deepEqual(client.connection.diskServer, {
    host,
    port: Number(port),
    sha1: client.lab.thumbprintSha1,
  });
  assert.equal(client.connection.about.apiType, 'VirtualCenter');
});

test('a wrong password is refused once and never tried again', async () => {
  await using client = await labClient();
  const { lab, vsphere, signal } = client;
  const before = (await lab.counters())['Login'] ?? 0;
  await assert.rejects(
    vsphere.connect(labEndpoint(lab, { id: 'x', password: new Secret('wrong') }), signal),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'login-refused');
      assert.match(error.message, /Check user name and password/);
      return true;
    },
  );
  assert.equal((await lab.counters())['Login'], before + 1);
});

test('a password that changed under a live connection is tried once, not by every call', async () => {
  await using client = await labClient();
  const { lab, connection, signal } = client;
  await lab.addFaults([
    { on: 'Login', times: 1, action: { kind: 'soap-fault', type: 'InvalidLogin' } },
  ]);
  await lab.expireConnections();
  const calls = [
    connection.listVms(signal),
    connection.getVm(client.app, signal),
    connection.listVms(signal),
  ];
  for (const result of await Promise.allSettled(calls)) {
    assert.equal(result.status, 'rejected');
    assert.equal((result.reason as { code?: string }).code, 'login-refused');
  }
  await assert.rejects(connection.listVms(signal), { code: 'login-refused' });
  assert.equal((await lab.counters())['Login'], 2);
  await using anew = await client.vsphere.connect(client.endpoint, signal);
  assert.equal((await anew.listVms(signal)).length, 2, 'who asks anew tries anew');
});

test('a wrong thumbprint stops before anything is sent', async () => {
  await using client = await labClient();
  const { lab, vsphere, signal } = client;
  const before = await lab.counters();
  const wrong = lab.thumbprintSha256.replace(/^../, (byte) => (byte === '00' ? '01' : '00'));
  await assert.rejects(vsphere.connect(labEndpoint(lab, { id: 'x', thumbprint: wrong }), signal), {
    code: 'certificate-changed',
    message: new RegExp(`not the one that was confirmed: .* SHA-256 ${lab.thumbprintSha256}`),
  });
  assert.deepEqual(await lab.counters(), before);
});

test('without a thumbprint an untrusted certificate is refused with what to do', async () => {
  await using client = await labClient();
  const { thumbprint: _, ...endpoint } = labEndpoint(client.lab, { id: 'x' });
  await assert.rejects(client.vsphere.connect(endpoint, client.signal), {
    code: 'certificate-changed',
    message: /not trusted.*confirm the certificate's thumbprint/,
  });
});

test('another vCenter at the same address is not taken for the old one', async () => {
  await using client = await labClient();
  const endpoint = labEndpoint(client.lab, { id: 'x', instanceUuid: 'another' });
  await assert.rejects(client.vsphere.connect(endpoint, client.signal), {
    code: 'invalid-input',
    message: /is another vSphere server/,
  });
  assert.equal((await client.lab.state()).connections, 1, 'the refused login was given back');
});

test('a server that does not answer is said to be out of reach', async () => {
  const vsphere = createVsphere({
    clock: fastClock(20),
    userAgent: 'coldframe/test',
    log: { info: () => undefined, warn: () => undefined },
  });
  const endpoint = {
    id: 'x',
    name: 'x',
    address: '127.0.0.1:1',
    user: 'u',
    password: new Secret('secret-word'),
    thumbprint: 'AA',
  };
  await assert.rejects(vsphere.connect(endpoint, AbortSignal.timeout(20_000)), {
    code: 'unreachable',
    message: /127\.0\.0\.1:1 cannot be reached/,
  });
});

test('one login is shared, and the last share logs out', async () => {
  await using client = await labClient();
  const { lab, vsphere, endpoint, signal } = client;
  const second = await vsphere.connect(endpoint, signal);
  assert.equal((await lab.state()).connections, 1);
  await second[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  assert.equal((await lab.state()).connections, 1, 'the first share is still held');
  await client.connection.listVms(signal);
  await client.connection[Symbol.asyncDispose]();
  assert.equal((await lab.state()).connections, 0);
  await using again = await vsphere.connect(endpoint, signal);
  assert.equal((await again.listVms(signal)).length, 2);
});

test('a kept login and its inventory serve the next caller, until the time is up or all is closed', async () => {
  await using lab = await labClient();
  const { signal, endpoint } = lab;
  const log = { info: () => undefined, warn: () => undefined };
  const clock = impatientClock(3_000_000, 300);
  const vsphere = createVsphere({ clock, userAgent: 'coldframe/test', log, keepMs: 3_600_000 });
  const list = async (): Promise<number> => {
    await using connection = await vsphere.connect(endpoint, signal);
    return (await connection.listVms(signal)).length;
  };
  const calls = async (name: string) => (await lab.lab.counters())[name] ?? 0;
  assert.equal(await list(), 2);
  await lab.lab.addVm({ name: 'third', disks: [] });
  assert.equal(await list(), 3);
  assert.equal(await calls('CreateContainerView'), 1);
  assert.equal((await lab.lab.state()).connections, 2, 'the bench has one of its own');
  for (let i = 0; (await lab.lab.state()).connections > 1; i++) {
    assert.ok(i < 100, 'the kept login was never closed');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(await list(), 3);
  await vsphere[Symbol.asyncDispose]();
  assert.equal((await lab.lab.state()).connections, 1);
});

test('changed settings close the login that was kept with the old ones', async () => {
  await using lab = await labClient();
  const log = { info: () => undefined, warn: () => undefined };
  const clock = fastClock(1);
  await using vsphere = createVsphere({
    clock,
    userAgent: 'coldframe/test',
    log,
    keepMs: 3_600_000,
  });
  await (await vsphere.connect(lab.endpoint, lab.signal))[Symbol.asyncDispose]();
  assert.equal((await lab.lab.state()).connections, 2);
  const address = lab.endpoint.address.replace('127.0.0.1', 'localhost');
  await using changed = await vsphere.connect({ ...lab.endpoint, address }, lab.signal);
  assert.equal((await changed.listVms(lab.signal)).length, 2);
  assert.equal((await lab.lab.state()).connections, 2);
});

test('callers that connect at once share one login, and one may give up', async () => {
  await using client = await labClient();
  const { lab, vsphere, signal } = client;
  const endpoint = labEndpoint(lab, { id: 'other' });
  const impatient = new AbortController();
  await lab.addFaults([{ on: 'Login', action: { kind: 'delay', ms: 100 } }]);
  const [given, kept] = [
    vsphere.connect(endpoint, impatient.signal),
    vsphere.connect(endpoint, signal),
  ];
  impatient.abort();
  await assert.rejects(given);
  await using connection = await kept;
  assert.equal((await connection.listVms(signal)).length, 2);
  assert.equal((await lab.counters())['Login'], 2);
});

test('a login that expired is renewed once for all who notice', async () => {
  await using client = await labClient();
  const { lab, connection, signal, app } = client;
  await lab.expireConnections();
  const answers = await Promise.all([
    connection.getVm(app, signal),
    connection.listVms(signal),
    connection.findVm({ name: 'demo-app' }, signal),
    connection.findSnapshots(app, signal),
  ]);
  assert.equal(answers[0].identity.name, 'demo-app');
  assert.equal(answers[1].length, 2);
  assert.equal(answers[2], app);
  assert.equal((await lab.counters())['Login'], 2);
  assert.equal((await lab.state()).connections, 1);
});

test('a change is made once although the login had expired', async () => {
  await using client = await labClient();
  const { lab, connection, signal, app } = client;
  await lab.expireConnections();
  const request = { vmMoref: app, name: 'n', description: 'd', quiesce: false };
  const snapshot = await connection.createSnapshot(request, signal);
  const found = await connection.findSnapshots(app, signal);
  assert.deepEqual(
    found.map(({ moref, description }) => ({ moref, description })),
    [{ moref: snapshot, description: 'd' }],
  );
});

test('an idle connection is kept alive', async () => {
  await using client = await labClient({ clock: impatientClock(300_000, 50) });
  const before = (await client.lab.counters())['CurrentTime'] ?? 0;
  for (let i = 0; i < 100; i++) {
    if (((await client.lab.counters())['CurrentTime'] ?? 0) > before) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('CurrentTime was never called');
});
