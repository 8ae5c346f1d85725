import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns, rows, wrapped } from '#appliance/console/terminal.ts';
import { testScreen } from './screen.ts';

const page = { title: 'Title', lines: ['one', 'two'], footer: 'Keys' };

test('a page fills the screen and no more, whatever it holds', () => {
  const { terminal, text, sent } = testScreen();
  const hostile = 'evil \u001B]0;title\u0007\u001B[31m näme'.padEnd(200, 'x');
  terminal.show({ ...page, lines: [hostile, ...Array.from({ length: 50 }, () => 'more')] });
  const lines = text().split('\n');
  assert.equal(lines.length, rows);
  assert.equal(lines[0], ' Title');
  assert.equal(lines.at(-1), ' Keys');
  assert.match(lines[1] ?? '', /^ evil \?\]0;title\?\?\[31m n\?me/);
  assert.ok(lines.every((line) => line.length <= columns));
  const sequences = sent()
    .split('\u001B')
    .slice(1)
    .map((text) => /^\[\d*[A-Za-z]/.exec(text)?.[0]);
  assert.deepEqual(new Set(sequences), new Set(['[2J', '[H', '[7m', '[0m']));
});

test('it is drawn again only when it has changed, or when asked', () => {
  const { terminal, sent } = testScreen();
  terminal.show(page, false);
  const once = sent().length;
  terminal.show(page, false);
  assert.equal(sent().length, once);
  terminal.show(page);
  assert.ok(sent().length > once);
});

test('takes what is typed, with corrections, and does not show secrets', async () => {
  const { terminal, type, text } = testScreen();
  type('abx\u007Fc\u001B[A\r');
  assert.equal(await terminal.ask({ label: 'Name' }), 'abc');
  assert.match(text(), /Name: abc/);
  type('hidden\n');
  assert.equal(await terminal.ask({ label: 'Password', secret: true }), 'hidden');
  assert.doesNotMatch(text(), /hidden/);
  assert.match(text(), /Password: \*{6}/);
  type('half\u001B');
  assert.equal(await terminal.ask({ label: 'Name' }), undefined);
  type('\b9\r');
  assert.equal(await terminal.ask({ label: 'Address', initial: '10.0' }), '10.9');
  type('yes\r');
  assert.equal(await terminal.confirm('Really?'), true);
  type('\r');
  assert.equal(await terminal.confirm('Really?'), false);
});

test('waits for a key as long as it is told to', async () => {
  const { terminal, type } = testScreen();
  assert.equal(await terminal.key(10), undefined);
  const key = terminal.key();
  type('l');
  assert.equal(await key, 'l');
});

test('wraps long text at words', () => {
  const lines = wrapped('word '.repeat(40).trim());
  assert.ok(lines.length > 2 && lines.every((line) => line.length < columns));
  assert.equal(lines.join(' '), 'word '.repeat(40).trim());
});
