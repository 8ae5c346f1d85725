import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Field } from '#vsphere/schema/notation.ts';
import { operations, tableVersion, types } from '#vsphere/schema/table.ts';
import { compareVersions } from '#vsphere/schema/version.ts';
import { publishedSchema, type PublishedField } from '#test/peers/published-schema.ts';

/** We talk to nothing older; what came before need not say when. */
const oldestVersion = '6.7.3';

/** Decoded only, and on purpose without the managers that we do not use. */
const partial = new Set(['ServiceContent']);

const published = await publishedSchema();

test('every type of our table is the published one: base, fields, their order, type, and version', () => {
  const wrong: string[] = [];
  let compared = 0;
  for (const { name, base, fields } of types.values()) {
    // On the wire only; pyVmomi takes them apart itself.
    if (name.startsWith('ArrayOf') || name === 'LocalizedMethodFault') continue;
    compared++;
    const found = published.types[name];
    if (found === undefined) wrong.push(`${name} is not a published type`);
    else {
      const theirs = ['DynamicData', 'DataObject'].includes(found.base) ? undefined : found.base;
      if (base !== theirs) wrong.push(`${name} extends ${theirs ?? 'nothing'}, not ${base}`);
      wrong.push(...differences(name, fields, found.fields));
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(compared > 100, `${compared} types compared`);
});

test('every call of our table is the published one', () => {
  const wrong = [...operations.values()].flatMap(({ name, parameters, answer }) => {
    const found = published.operations[name];
    if (found === undefined) return [`${name} is not a published call`];
    const [self, ...rest] = parameters;
    assert.equal(self?.name, '_this');
    return [
      ...differences(name, rest, found.parameters),
      ...differences(
        `${name}Response`,
        answer === undefined ? [] : [answer],
        found.answer === undefined ? [] : [found.answer],
      ),
    ];
  });
  assert.deepEqual(wrong, []);
});

test('a field out of order, one too many or of another type would be noticed', () => {
  const disk = types.get('VirtualDisk')!.fields;
  const theirs = published.types['VirtualDisk']!.fields;
  assert.deepEqual(differences('VirtualDisk', disk, theirs), []);
  const swapped = [disk[1]!, disk[0]!, ...disk.slice(2)];
  const retyped = [{ ...disk[0]!, type: 'int' }, ...disk.slice(1)];
  for (const changed of [swapped, retyped, disk.slice(1), disk.slice(0, -1), [...disk, disk[0]!]])
    assert.equal(differences('VirtualDisk', changed, theirs).length, 1);
});

/** The first difference, in words. */
function differences(
  owner: string,
  ours: readonly Field[],
  theirs: readonly PublishedField[],
): readonly string[] {
  const wanted = theirs.filter(
    ({ name, since = '1' }) =>
      compareVersions(since, tableVersion) <= 0 &&
      (!partial.has(owner) || ours.some((field) => field.name === name)) &&
      !(owner === 'MethodFault' && name === 'msg'), // pyVmomi's own
  );
  // A field that came with its type need not say when.
  const born = wanted.map(({ since = '1' }) => since).sort(compareVersions)[0] ?? '1';
  const silent = compareVersions(born, oldestVersion) > 0 ? born : oldestVersion;
  for (let i = 0; i < Math.max(ours.length, wanted.length); i++) {
    const [a, b] = [show(ours[i], silent), show(wanted[i], silent)];
    if (a !== b) return [`${owner}: field ${i + 1} is ${a}, published is ${b}`];
  }
  return [];
}

function show(field: Field | PublishedField | undefined, silent: string): string {
  if (field === undefined) return 'absent';
  const { name, repeats, optional, since } = field;
  // Faults are wrapped on the wire; pyVmomi unwraps them.
  const type = field.type === 'LocalizedMethodFault' ? 'MethodFault' : field.type;
  const old = since === undefined || compareVersions(since, silent) <= 0;
  const version = old ? '' : `@${since.replace(/(\.0)+$/, '')}`;
  return `${name} ${type}${repeats ? '[]' : ''}${optional ? '?' : ''}${version}`;
}
