import assert from 'node:assert/strict';
import { test } from 'node:test';

import { commandLine } from '#files/guestfish-words.ts';
import { structList, structText } from '#files/struct-text.ts';

test('no word can end its quotes or its line', () => {
  const line = commandLine(['ls0', Buffer.from('/a"b\\c\nd\u007f é $x `y` | !z'), '/out']);
  assert.equal(line.toString(), '-ls0 "/a\\x22b\\x5cc\\x0ad\\x7f é $x `y` | !z" "/out"\n');
  for (let byte = 1; byte < 256; byte++) {
    const text = commandLine(['x', Buffer.of(byte)]).toString('latin1');
    assert.equal(text.indexOf('\n'), text.length - 1, `byte ${byte}`);
    assert.equal(text.split('"').length, 3, `byte ${byte}`);
  }
});

test('a line that guestfish would cut is refused', () => {
  assert.throws(() => commandLine(['ls0', 'x'.repeat(8000)]), { code: 'invalid-input' });
  assert.throws(() => commandLine(['ls0', '"'.repeat(2100)]), { code: 'invalid-input' });
});

test('only figures are taken from a structure', () => {
  const fields = structText(
    'st_mode: 33188\n  st_size: 12\nname: "st_size: 9"\nst_uid: x\nrdev: -1\n',
  );
  assert.deepEqual(
    [...fields],
    [
      ['st_mode', 33_188],
      ['st_size', 12],
      ['rdev', -1],
    ],
  );
});

test('a list of structures keeps its order', () => {
  const text = '[0] = {\n  st_mode: 1\n}\n[1] = {\n  st_mode: 2\n}\n';
  assert.deepEqual(
    structList(text).map((each) => each.get('st_mode')),
    [1, 2],
  );
  assert.deepEqual(structList(''), []);
});
