import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClientAsync } from 'soap';
import { parseOperations, parseTypes, primitives, type Field } from '#vsphere/schema/notation.ts';
import { allFields, isA, operations, tableVersion, types } from '#vsphere/schema/table.ts';
import { chooseVersion, compareVersions } from '#vsphere/schema/version.ts';
import { buildWsdl } from '#vsphere/schema/wsdl.ts';

test('the notation is read as it is meant', () => {
  const [disk, empty] = parseTypes(`
Disk < Device: key int, name string?@6.7,
  tags string[]?
Empty
`);
  assert.deepEqual(disk, {
    name: 'Disk',
    base: 'Device',
    fields: [
      { name: 'key', type: 'int', repeats: false, optional: false },
      { name: 'name', type: 'string', repeats: false, optional: true, since: '6.7' },
      { name: 'tags', type: 'string', repeats: true, optional: true },
    ],
  });
  assert.deepEqual(empty, { name: 'Empty', fields: [] });
  const [operation] = parseOperations('Do(_this moref, n int?) moref[]?');
  assert.equal(operation!.parameters.length, 2);
  assert.deepEqual(operation!.answer, {
    name: 'returnval',
    type: 'moref',
    repeats: true,
    optional: true,
  });
  assert.throws(() => parseTypes('Broken: what is this'), /malformed/);
});

test('every type that the table names is in it', () => {
  const known = (field: Field): boolean =>
    field.type === 'moref' || primitives.has(field.type) || types.has(field.type);
  for (const type of types.values()) {
    assert.ok(type.base === undefined || types.has(type.base), `base of ${type.name}`);
    for (const field of type.fields)
      assert.ok(known(field), `${type.name}.${field.name}: ${field.type}`);
    const names = allFields(type.name).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length, `${type.name} has a field twice`);
  }
  for (const { name, parameters, answer } of operations.values())
    for (const field of [...parameters, ...(answer === undefined ? [] : [answer])])
      assert.ok(known(field), `${name}: ${field.type}`);
});

test('no field is newer than what the table declares', () => {
  for (const type of types.values())
    for (const { name, since } of type.fields)
      assert.ok(
        since === undefined || compareVersions(since, tableVersion) <= 0,
        `${type.name}.${name}`,
      );
});

test('base fields come first, over three levels too', () => {
  const names = allFields('ParaVirtualSCSIController').map(({ name }) => name);
  assert.ok(names.indexOf('key') < names.indexOf('busNumber'));
  assert.ok(names.indexOf('busNumber') < names.indexOf('sharedBus'));
  assert.ok(isA('VirtualAHCIController', 'VirtualController'));
  assert.ok(!isA('VirtualDisk', 'VirtualController'));
});

test('soap loads the WSDL with every operation', async () => {
  const client = await createClientAsync(buildWsdl(), { disableCache: true });
  for (const name of operations.keys())
    assert.equal(typeof client[`${name}Async`], 'function', name);
});

test('versions compare by number and the best common one is chosen', () => {
  assert.ok(compareVersions('6.7', '6.10') < 0);
  assert.ok(compareVersions('8.0.0.1', '8.0') > 0);
  assert.equal(compareVersions('7.0', '7.0.0.0'), 0);
  const offer = (...versions: readonly string[]): string =>
    `<namespaces version="1.0"><namespace><name>urn:other</name><version>9</version></namespace>
     <namespace><name>urn:vim25</name><version>${versions[0]}</version><priorVersions>
     ${versions
       .slice(1)
       .map((version) => `<version>${version}</version>`)
       .join('')}</priorVersions></namespace></namespaces>`;
  assert.equal(chooseVersion(offer('9.0.0.0', '8.0.3.0', '8.0.2.0', '6.7'), '8.0.3.0'), '8.0.3.0');
  assert.equal(chooseVersion(offer('7.0.3.2', '7.0', '6.7'), '8.0.3.0'), '7.0.3.2');
  assert.equal(chooseVersion(offer('6.5', '6.0', '5.5'), '8.0.3.0'), '6.5');
  assert.equal(chooseVersion(offer('9.9'), '8.0.3.0'), undefined);
  assert.equal(chooseVersion('<html>404</html>', '8.0.3.0'), undefined);
});
