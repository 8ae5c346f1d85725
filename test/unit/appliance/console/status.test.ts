import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusPage, type StatusFacts } from '#appliance/console/status.ts';
import { columns, rows } from '#appliance/console/terminal.ts';

const good: StatusFacts = {
  hostname: 'bkp1.example',
  version: '0.1.0',
  addresses: ['192.0.2.10', '2001:db8::10'],
  fingerprint: Array.from({ length: 32 }, () => 'AB').join(':'),
  service: 'active',
  clockInStep: true,
  checks: [{ name: 'journal', ok: true, message: 'Nothing waits for being undone.' }],
  lastRun: 'backup of 2026-11-22 21:00 UTC: done',
  nowMs: Date.UTC(2026, 10, 22, 22, 15),
};

test('shows where the page is, how to know it, and that all is well', () => {
  const { title, lines } = statusPage(good);
  const text = lines.join('\n');
  assert.match(title, /0\.1\.0 {3}bkp1\.example/);
  assert.match(text, /https:\/\/192\.0\.2\.10\/\n {2}https:\/\/\[2001:db8::10\]\//);
  assert.equal(text.match(/AB/g)?.length, 32);
  assert.match(text, / ok {2}time {17}2026-11-22 22:15 UTC$/m);
  assert.match(text, / ok {2}last run {13}backup of 2026-11-22 21:00 UTC: done/);
  assert.doesNotMatch(text, /BAD/);
});

test('names what is wrong, also when nobody answers', () => {
  const nothing = statusPage({
    ...good,
    addresses: [],
    fingerprint: undefined,
    service: 'failed',
    clockInStep: undefined,
    checks: [],
    lastRun: undefined,
  }).lines.join('\n');
  assert.match(nothing, /no address yet/);
  assert.match(nothing, /not made yet/);
  assert.match(nothing, /BAD {2}service {14}failed/);
  assert.match(nothing, /- {2}last run {13}none yet/);
  const bad = { name: 'repository nas', ok: false, message: `It ${'does not answer '.repeat(9)}` };
  const text = statusPage({ ...good, checks: [bad], lastRun: 'backup of …: failed' }).lines;
  assert.match(text.join('\n'), /BAD {2}repository nas/);
  assert.match(text.join('\n'), /BAD {2}last run/);
});

test('fits the screen with all it can hold', () => {
  const check = { name: 'repository with a long name', ok: false, message: 'long '.repeat(60) };
  const { lines } = statusPage({
    ...good,
    addresses: Array.from({ length: 9 }, (_, i) => `192.0.2.${i}`),
    checks: Array.from({ length: 9 }, () => check),
  });
  assert.ok(
    lines.every((line) => line.length <= columns),
    lines.join('\n'),
  );
  assert.ok(
    lines.findIndex((line) => line.includes('last run')) < rows - 2,
    `${lines.length} lines`,
  );
});
