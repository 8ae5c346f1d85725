import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CheckedSettings, checkSettings } from '#appliance/firstboot/settings.ts';

const key =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJyMPZ8dRuBFw0pXo8gV9VnCqKU8lXhWtQ8gYJ0m1S0x admin@desk';

function check(properties: Record<string, string>, macs: string[] = []): CheckedSettings {
  return checkSettings({ properties: new Map(Object.entries(properties)), macs });
}

test('nothing set means DHCP and no problems', () => {
  const empty = { network: { dns: [], search: [] }, ntp: [] };
  assert.deepEqual(check({}), { problems: [], settings: empty });
  assert.deepEqual(check({ hostname: ' ', ip0: '', admin_password: '' }), {
    problems: [],
    settings: empty,
  });
});

test('takes everything that is right', () => {
  const { settings, problems } = check(
    {
      hostname: 'bkp1.example',
      ip0: '192.0.2.10/24',
      gateway: '192.0.2.1',
      dns: '192.0.2.53, 2001:db8::53',
      search: 'example.com example.org',
      ntp: 'ntp.example;192.0.2.123',
      admin_password: ' with spaces ',
      admin_password_hash: 'scrypt$131072$8$1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      ssh_key: key,
      endpoint: 'vcenter.example:443',
      nfs_target: '[2001:db8::1]:/export/backup',
      nfs_options: 'vers=3,nolock',
    },
    ['00:50:56:aa:bb:cc', '00:50:56:aa:bb:cd'],
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(settings, {
    hostname: 'bkp1.example',
    network: {
      fixed: { address: '192.0.2.10/24', gateway: '192.0.2.1' },
      mac: '00:50:56:aa:bb:cc',
      dns: ['192.0.2.53', '2001:db8::53'],
      search: ['example.com', 'example.org'],
    },
    ntp: ['ntp.example', '192.0.2.123'],
    sshKey: key,
    adminPassword: ' with spaces ',
    adminPasswordHash: 'scrypt$131072$8$1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    endpoint: 'vcenter.example:443',
    nfs: { target: '[2001:db8::1]:/export/backup', options: 'vers=3,nolock' },
  });
});

const wrong: readonly (readonly [string, string])[] = [
  ['hostname', 'a_b'],
  ['hostname', '-a'],
  ['hostname', `${'a'.repeat(64)}.example`],
  ['hostname', 'a\nb'],
  ['ip0', '192.0.2.10'],
  ['ip0', '192.0.2.10/33'],
  ['ip0', '192.0.2.10/24/1'],
  ['ip0', '192.0.2.10/24\nDNS=1.1.1.1'],
  ['ip0', '2001:db8::1/129'],
  ['gateway', 'router'],
  ['dns', '192.0.2.53 router'],
  ['ntp', 'a b_c'],
  ['ssh_key', `command="x" ${key}`],
  ['ssh_key', `${key}\n${key}`],
  ['ssh_key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
  ['admin_password_hash', '$6$abc$def'],
  ['admin_password', 'eleven char'],
  ['endpoint', 'https://vcenter/'],
  ['nfs_target', 'server'],
  ['nfs_target', '-o:/x'],
  ['nfs_target', 'server:/with space'],
];
for (const [property, value] of wrong)
  test(`leaves out ${property} ${JSON.stringify(value).slice(0, 40)} and names it, without the value`, () => {
    const { settings, problems } = check({ [property]: value, search: 'ok.example' });
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', new RegExp(`^Property ${property} is left out: `));
    assert.deepEqual(settings, { network: { dns: [], search: ['ok.example'] }, ntp: [] });
  });

test('wrong mount options fall back to the safe ones', () => {
  const { settings, problems } = check({ nfs_target: 's:/x', nfs_options: 'a b' });
  assert.equal(problems.length, 1);
  assert.deepEqual(settings.nfs, { target: 's:/x', options: 'vers=4.1,hard,proto=tcp' });
});
