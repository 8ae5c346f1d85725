import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { bytesText, durationText, rateText } from '#cli/format.ts';
import { Output, printable } from '#cli/output.ts';

function makeOutput(options: { readonly color?: boolean; readonly width?: number } = {}) {
  let out = '';
  let err = '';
  const output = new Output({
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    color: options.color ?? false,
    json: false,
    width: options.width ?? Number.POSITIVE_INFINITY,
  });
  return { output, out: () => out, err: () => err };
}

describe('tables', () => {
  it('align numbers to the right and end lines without blanks', () => {
    const { output, out } = makeOutput();
    output.table(
      [{ title: 'NAME' }, { title: 'SIZE', align: 'right' }, { title: 'NOTE' }],
      [
        ['a', '1', ''],
        ['longer', '100 GiB', 'x'],
      ],
    );
    assert.equal(out(), 'NAME       SIZE  NOTE\na             1\nlonger  100 GiB  x\n');
  });

  it('count what is seen: colours and letters outside ASCII keep columns straight', () => {
    const { output, out } = makeOutput({ color: true });
    output.table(
      [{ title: 'A' }, { title: 'B' }],
      [
        [output.good('ok'), 'x'],
        ['é👩‍👩‍👧', 'y'],
      ],
    );
    const lines = out().split('\n');
    // eslint-disable-next-line no-control-regex
    const plain = lines.map((line) => line.replaceAll(/\u001b\[\d+m/g, ''));
    assert.equal(plain[1], 'ok  x');
    assert.equal(plain[2], 'é👩‍👩‍👧  y');
  });

  it('are cut at the width of the terminal, without colours running on', () => {
    const { output, out } = makeOutput({ color: true, width: 8 });
    output.table([{ title: 'A' }], [[output.bad('something long')]]);
    assert.equal(out().split('\n')[1], 'somethi…');
  });

  it('paint nothing without colour', () => {
    const { output } = makeOutput();
    assert.equal(output.bad('x') + output.bold('y'), 'xy');
  });
});

it('shows control characters of hostile names instead of doing them', () => {
  assert.equal(printable('a\u001b[2Jb\u0007\r\nc\u009b31m'), 'a\\x1b[2Jb\\x07\\x0d c\\x9b31m');
  const { output, out } = makeOutput();
  output.table([{ title: 'VM' }], [['evil\u001b]0;title\u0007']]);
  output.facts([['VM', 'evil\u001b[2J']]);
  assert.ok(!out().includes('\u001b'));
});

it('says nothing beside the result in JSON mode', () => {
  let err = '';
  const output = new Output({
    out: { write: () => undefined },
    err: { write: (text) => (err += text) },
    color: false,
    json: true,
    width: 80,
  });
  output.note('remark');
  assert.equal(err, '');
});

describe('figures', () => {
  const bytes: readonly (readonly [number, string])[] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1024 * 1024 * 1.5, '1.5 MiB'],
    [1024 ** 3 * 252, '252 GiB'],
    [62 * 1024 ** 4, '62.0 TiB'],
  ];
  for (const [number, text] of bytes)
    it(`${number} bytes are ${text}`, () => assert.equal(bytesText(number), text));

  const durations: readonly (readonly [number, string])[] = [
    [0, '0.0 s'],
    [1840, '1.8 s'],
    [59_400, '59 s'],
    [65_000, '1 min 05 s'],
    [3_600_000, '1 h 00 min'],
    [7_384_000, '2 h 03 min'],
  ];
  for (const [ms, text] of durations)
    it(`${ms} ms are ${text}`, () => assert.equal(durationText(ms), text));

  it('rates are bytes a second', () => assert.equal(rateText(2048), '2.0 KiB/s'));
});
