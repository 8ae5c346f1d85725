import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '#vsphere/address.ts';
import { decodeName, encodeName } from '#vsphere/names.ts';
import { splitDatastorePath } from '#vsphere/nvram.ts';

test('names are escaped for vSphere and unescaped for people', () => {
  for (const name of ['plain', 'a/b\\c%d', '%2f', '100%', '%%2F%', ''])
    assert.equal(decodeName(encodeName(name)), name);
  assert.equal(encodeName('a/b'), 'a%2fb');
  assert.equal(decodeName('a%2Fb%5cc%25d'), 'a/b\\c%d');
  assert.equal(decodeName('%252f'), '%2f', 'unescaped once, not twice');
  assert.equal(decodeName('50%20off'), '50%20off');
});

test('addresses are taken apart', () => {
  const cases = {
    'vc.example.com': ['vc.example.com', 443, 'vc.example.com'],
    ' vc.example.com:8443 ': ['vc.example.com', 8443, 'vc.example.com:8443'],
    '10.0.0.1': ['10.0.0.1', 443, '10.0.0.1'],
    '[2001:db8::1]:9443': ['2001:db8::1', 9443, '[2001:db8::1]:9443'],
    '2001:db8::1': ['2001:db8::1', 443, '[2001:db8::1]'],
  } as const;
  for (const [text, [host, port, authority]] of Object.entries(cases))
    assert.deepEqual(parseAddress(text), { host, port, authority });
  for (const wrong of ['', 'https://vc', 'vc/sdk', 'user@vc', 'vc:port', 'v c', 'vc?x'])
    assert.throws(() => parseAddress(wrong), {
      code: 'invalid-input',
      message: /is not a server address/,
    });
});

test('datastore paths are taken apart', () => {
  assert.deepEqual(splitDatastorePath('[ds 1] vm a/vm.nvram'), {
    datastore: 'ds 1',
    path: 'vm a/vm.nvram',
  });
  assert.deepEqual(splitDatastorePath('[ds]/x'), { datastore: 'ds', path: '/x' });
  assert.equal(splitDatastorePath('no brackets'), undefined);
});
