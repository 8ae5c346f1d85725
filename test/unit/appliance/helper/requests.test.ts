import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requirePeer } from '#appliance/helper/answer.ts';
import { parseRequest } from '#appliance/helper/requests.ts';

const share = { server: 'nas', path: '/backup', version: '4.1' };

function parse(verb: string, input: unknown): unknown {
  return parseRequest(JSON.stringify({ verb, input }));
}

test('takes the verbs that there are', () => {
  for (const [verb, input] of [
    ['mount-nfs', { mountPoint: '/srv/nas-1', share }],
    ['unmount-nfs', { mountPoint: '/srv/n' }],
    ['protect', { path: '/var/lib/coldframe/repository/vm_1/a.tar.zst', untilMs: 5 }],
    ['unprotect', { path: '/srv/nas/vm_1/a.tar' }],
    ['set-network', { fixed: { address: '192.0.2.1/24' }, dns: [], search: [] }],
    ['set-time-servers', { servers: ['ntp.example'] }],
    ['power', { action: 'restart' }],
  ] as const)
    assert.deepEqual(parse(verb, input), { verb, input });
});

test('refuses everything else, in form or in argument', () => {
  for (const line of ['', 'nonsense', '[]', '{}', '{"verb":"constructor","input":{}}'])
    assert.throws(() => parseRequest(line), { code: 'invalid-input' }, line);
  for (const [verb, input] of [
    ['run', { command: 'id' }],
    ['mount-nfs', { mountPoint: '/etc', share }],
    ['mount-nfs', { mountPoint: '/srv/../etc', share }],
    ['mount-nfs', { mountPoint: '/srv/a/b', share }],
    ['mount-nfs', { mountPoint: '/srv/nas', share: { ...share, path: '/x\nOptions=exec' } }],
    ['mount-nfs', { mountPoint: '/srv/nas', share: { ...share, version: '4.1,exec' } }],
    ['mount-nfs', { mountPoint: '/srv/nas', share, options: 'exec' }],
    ['protect', { path: '/etc/passwd.tar', untilMs: 5 }],
    ['protect', { path: '/var/lib/coldframe/../../../etc/x.tar', untilMs: 5 }],
    ['protect', { path: '/var/lib/coldframe/catalog/CURRENT', untilMs: 5 }],
    ['protect', { path: '/srv/nas/vm/a.tar', untilMs: '5' }],
    ['set-time-servers', { servers: Array.from({ length: 9 }, () => 'a') }],
    ['power', { action: 'halt; id' }],
  ] as const)
    assert.throws(() => parse(verb, input), { code: 'invalid-input' }, JSON.stringify(input));
});

test('serves root and the service, by the peer that systemd names', () => {
  for (const instance of ['1-4242-0', '17-4242-900', '17-4242_99-900'])
    assert.doesNotThrow(() => requirePeer(instance, 900), instance);
  for (const instance of ['', '1-900-33', '1-2-9000', 'x-1-0', '0', '1-2--0'])
    assert.throws(() => requirePeer(instance, 900), { code: 'no-permission' }, instance);
});
