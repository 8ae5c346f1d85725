import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { it } from 'node:test';

import type { LogLine } from '#core/api.ts';
import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';
import { createServiceLog, type LogOptions } from '#service/log/logger.ts';
import { RunLogs } from '#service/log/run-logs.ts';
import { SecretMask } from '#service/log/secret-mask.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { testClock } from '#test/support/test-clock.ts';

const planted = 'p<l&a"n\'t\\ed/ pässword';

function openLog(options: Partial<LogOptions> = {}) {
  const stream = new PassThrough();
  const mask = options.mask ?? new SecretMask();
  const log = createServiceLog({ level: 'info', journald: false, mask, stream, ...options });
  const lines = (): string[] =>
    String(stream.read() ?? '')
      .trimEnd()
      .split('\n');
  return { log, mask, lines };
}

it('writes one JSON object a line, with facts and the whole chain of an error', () => {
  const { log, lines } = openLog();
  const error = new ColdframeError('disk', 'read failed', { cause: new Error('EIO') });
  log.log('error', 'a task\nfailed', { runId: 'r1', details: { disk: 'disk-0' }, error });
  const [line, ...more] = lines();
  assert.deepEqual(more, []);
  const { timestamp, ...rest } = JSON.parse(line!) as Record<string, unknown>;
  assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(rest, {
    level: 'error',
    message: 'a task\nfailed',
    runId: 'r1',
    details: { disk: 'disk-0' },
    error: { code: 'disk', message: 'read failed', cause: { code: 'internal', message: 'EIO' } },
  });
});

it('gives journald a priority with each line', () => {
  const { log, lines } = openLog({ journald: true, level: 'debug' });
  for (const level of ['error', 'warn', 'info', 'debug'] as const) log.log(level, 'x');
  assert.deepEqual(
    lines().map((line) => line.slice(0, 4)),
    ['<3>{', '<4>{', '<6>{', '<7>{'],
  );
});

it('leaves out what is below the level', () => {
  const { log, lines } = openLog({ level: 'warn' });
  log.log('info', 'quiet');
  log.log('warn', 'loud');
  assert.equal(lines().length, 1);
});

it('masks a secret in every form it is written in', () => {
  const { log, mask, lines } = openLog();
  mask.add(new Secret(planted));
  const xml = planted.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  log.log('info', `plain ${planted} url ${encodeURIComponent(planted)} xml ${xml}`, {
    details: { json: JSON.stringify({ password: planted }), secret: new Secret(planted) },
    error: new Error(`login of ${planted} with ${Buffer.from(planted).toString('base64')}`),
  });
  const [line] = lines();
  for (const part of ['pässw', 'l&a', 'l&amp;a', Buffer.from(planted).toString('base64')])
    assert.ok(!line!.includes(part), `${part} is in ${line}`);
  assert.ok(line!.split('[secret]').length > 5);
});

it('masks the longer of two secrets that begin alike', () => {
  const mask = new SecretMask();
  mask.add(new Secret('abcd'));
  mask.add(new Secret('abcdefgh'));
  assert.equal(mask.apply('x abcdefgh y abcd z'), 'x [secret] y [secret] z');
});

it('keeps a log for each run that a person can read, and gives its lines back', async () => {
  await using folder = await temporaryFolder();
  const { log: service, mask, lines } = openLog();
  mask.add(new Secret(planted));
  const heard: (readonly [string, LogLine])[] = [];
  const clock = testClock();
  const logs = new RunLogs({
    folder: join(folder.path, 'runs'),
    service,
    mask,
    clock,
    onLine: (runId, line) => heard.push([runId, line]),
  });
  const log = await logs.open('run1');
  log.write({ level: 'info', message: 'Snapshot made.', taskId: 'task1', details: { ms: 5 } });
  clock.advance(1500);
  log.write({ level: 'warn', message: `two\r\nlines of ${planted}` });
  const live = await logs.lines('run1');
  await log[Symbol.asyncDispose]();

  const text = await readFile(join(folder.path, 'runs', 'run1.log'), 'utf8');
  assert.equal(
    text,
    '2026-11-22T12:00:00.000Z       Snapshot made. {"ms":5}\n' +
      '2026-11-22T12:00:01.500Z WARN  two ⏎ lines of [secret]\n',
  );
  assert.deepEqual(
    heard.map(([runId, line]) => [runId, line.level, line.taskId]),
    [
      ['run1', 'info', 'task1'],
      ['run1', 'warn', undefined],
    ],
  );
  assert.deepEqual(
    live.map(({ level }) => level),
    ['info', 'warn'],
  );
  const later = await logs.lines('run1');
  assert.deepEqual(
    later.map(({ level, timeMs }) => [level, timeMs]),
    live.map(({ level, timeMs }) => [level, timeMs]),
  );
  assert.deepEqual(await logs.lines('never'), []);
  assert.equal(lines().length, 2);
});
