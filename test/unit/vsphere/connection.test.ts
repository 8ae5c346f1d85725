import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import { createVsphere, type VsphereOptions } from '#vsphere/client.ts';
import { briskClock } from './scripted-client.ts';
import { scriptedServer, soapFault } from './scripted-server.ts';

function vsphere(options: Partial<VsphereOptions> = {}) {
  const log = { info: () => undefined, warn: () => undefined };
  return createVsphere({ clock: briskClock, userAgent: 'coldframe/9.9', log, ...options });
}

const signal = AbortSignal.timeout(30_000);

test('the cookie goes back as it came, with our user agent and the version that both speak', async () => {
  await using server = await scriptedServer({
    'GET /sdk/vimServiceVersions.xml': () => ({
      status: 200,
      text: '<namespaces><namespace><name>urn:vim25</name><version>9.0.0.0</version><priorVersions><version>8.0.1.0</version><version>6.7</version></priorVersions></namespace></namespaces>',
    }),
    FindByInventoryPath: () => '',
  });
  await using connection = await vsphere().connect(server.endpoint(), signal);
  assert.equal(connection.about.fullName, 'Scripted');
  await connection[Symbol.asyncDispose]();
  const logout = server.requests.find(({ operation }) => operation === 'Logout')!;
  assert.equal(logout.headers['cookie'], 'vmware_soap_session="abc/def=="');
  assert.equal(logout.headers['user-agent'], 'coldframe/9.9');
  assert.equal(logout.headers['soapaction'], '"urn:vim25/8.0.1.0"');
  const login = server.requests.find(({ operation }) => operation === 'Login')!;
  assert.equal(login.headers['cookie'], undefined);
});

test('with a wrong pin not one byte of ours reaches the server', async () => {
  await using server = await scriptedServer();
  const thumbprint = server.certificate.sha256.replace(/^../, (byte) =>
    byte === '00' ? '01' : '00',
  );
  await assert.rejects(
    vsphere().connect(server.endpoint({ thumbprint }), signal),
    (error: ColdframeError) => {
      assert.equal(error.code, 'certificate-changed');
      assert.equal(error.details['presented'], server.certificate.sha256);
      return true;
    },
  );
  assert.equal(server.bytesReceived(), 0);
  assert.deepEqual(server.calls, []);
});

test('a pin may be written with or without colons, in either case', async () => {
  await using server = await scriptedServer();
  const thumbprint = server.certificate.sha256.replaceAll(':', '').toLowerCase();
  await using connection = await vsphere().connect(server.endpoint({ thumbprint }), signal);
  assert.equal(connection.diskServer.sha1, server.certificate.sha1);
});

test('a trusted authority needs no pin, but the right host name', async () => {
  await using server = await scriptedServer();
  const { thumbprint: _, ...endpoint } = server.endpoint();
  const trusting = vsphere({ certificates: [server.certificate.cert] });
  await using connection = await trusting.connect(endpoint, signal);
  assert.equal(connection.diskServer.sha1, server.certificate.sha1);
  const address = server.address.replace('127.0.0.1', '127.0.0.2');
  await assert.rejects(trusting.connect({ ...endpoint, id: 'b', address }, signal), {
    code: /certificate-changed|unreachable/,
  });
});

test('the password is in no error, however it is printed', async () => {
  const answers = [
    soapFault('InvalidLogin', 'Cannot complete login due to an incorrect user name or password.'),
    { status: 503, text: '<html>busy</html>' },
    { status: 200, text: '<?xml version="1.0"?><soapenv:Envelope><cut' },
    { status: 200, text: '{"json": true}' },
    { status: 302, text: 'elsewhere' },
  ];
  for (const answer of answers) {
    await using server = await scriptedServer({ Login: () => answer });
    await assert.rejects(vsphere().connect(server.endpoint(), signal), (error: ColdframeError) => {
      assert.ok(error instanceof ColdframeError);
      const printed =
        inspect(error, { depth: 20, showHidden: true }) +
        JSON.stringify(toErrorRecord(error)) +
        error.stack;
      assert.doesNotMatch(printed, /pass-/);
      return true;
    });
  }
});

test('each kind of broken answer has its sentence', async () => {
  const cases: readonly (readonly [{ status: number; text: string }, string, RegExp])[] = [
    [{ status: 503, text: '<html>busy</html>' }, 'unreachable', /HTTP 503.*try again/],
    [{ status: 404, text: 'no' }, 'unreachable', /HTTP 404, so it is not a vSphere server/],
    [
      { status: 200, text: '<?xml version="1.0"?><soapenv:Envelope><cut' },
      'unreachable',
      /broke during RetrieveServiceContent/,
    ],
    [
      soapFault('SystemError', 'A general system error occurred'),
      'vsphere-fault',
      /SystemError: A general system error/,
    ],
  ];
  for (const [answer, code, message] of cases) {
    await using server = await scriptedServer({ RetrieveServiceContent: () => answer });
    await assert.rejects(vsphere().connect(server.endpoint(), signal), { code, message });
  }
});

test('a server that needs a moment is asked again, but not for ever', async () => {
  let failures = 3;
  await using server = await scriptedServer({
    FindAllByUuid: () =>
      failures-- > 0
        ? { status: 503, text: 'starting' }
        : '<returnval type="VirtualMachine">vm-1</returnval>',
  });
  await using connection = await vsphere().connect(server.endpoint(), signal);
  assert.equal(await connection.findVm({ instanceUuid: 'a' }, signal), 'vm-1');
  failures = 100;
  await assert.rejects(connection.findVm({ instanceUuid: 'a' }, signal), { code: 'unreachable' });
  assert.equal(server.calls.filter((name) => name === 'FindAllByUuid').length, 4 + 5);
});

test('a server without FindAllByUuid is asked the old way', async () => {
  await using server = await scriptedServer({
    FindAllByUuid: () => soapFault('MethodNotFound', 'no such method'),
    FindByUuid: () => '<returnval type="VirtualMachine">vm-9</returnval>',
  });
  await using connection = await vsphere().connect(server.endpoint(), signal);
  assert.equal(await connection.findVm({ instanceUuid: 'A-B' }, signal), 'vm-9');
});

test('a stopped call ends at once with cancelled', async () => {
  const stop = new AbortController();
  await using server = await scriptedServer({
    FindAllByUuid: () => {
      stop.abort();
      return '<returnval type="VirtualMachine">vm-1</returnval>';
    },
  });
  await using connection = await vsphere().connect(server.endpoint(), signal);
  await assert.rejects(connection.findVm({ instanceUuid: 'a' }, stop.signal), {
    code: 'cancelled',
  });
  await assert.rejects(connection.findVm({ instanceUuid: 'a' }, stop.signal), {
    code: 'cancelled',
  });
});
