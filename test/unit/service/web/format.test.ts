import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, bytes, count, duration, rate } from '#service/web/format.ts';

test('bytes', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [150 * 2 ** 20, '150 MiB'],
    [62 * 2 ** 40, '62.0 TiB'],
  ];
  for (const [value, text] of cases) assert.equal(bytes(value), text);
});

test('durations and distances', () => {
  assert.equal(duration(59_400), '59 s');
  assert.equal(duration(250_000), '4 min 10 s');
  assert.equal(duration(7_200_000), '2 h');
  assert.equal(duration(273_600_000), '3 d 4 h');
  assert.equal(ago(0, 300_000), '5 min ago');
  assert.equal(ago(7_200_000, 0), 'in 2 h');
  assert.equal(ago(1000, 0), 'now');
});

test('rates and counts', () => {
  assert.equal(rate(10 * 2 ** 20, 2000), '5.0 MiB/s');
  assert.equal(rate(5, 0), '–');
  assert.equal(count(1, 'VM'), '1 VM');
  assert.equal(count(2000, 'VM'), '2,000 VMs');
});
