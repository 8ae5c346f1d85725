import assert from 'node:assert/strict';
import { it } from 'node:test';

import type { RunEvent } from '#core/api.ts';
import { RunEvents } from '#service/runs/run-events.ts';

const event = (message: string): RunEvent => ({
  type: 'log',
  line: { timeMs: 0, level: 'info', message },
});

async function messages(
  stream: AsyncIterable<{ readonly data: RunEvent }>,
): Promise<readonly string[]> {
  const out: string[] = [];
  for await (const { data } of stream) if (data.type === 'log') out.push(data.line.message);
  return out;
}

it('gives everybody all events after the one they saw, and ends with the run', async () => {
  const events = new RunEvents();
  events.publish('r', event('0'));
  events.publish('r', event('1'));
  const { signal } = new AbortController();
  const early = messages(events.follow('r', -1, signal));
  const resumed = messages(events.follow('r', 0, signal));
  const late = messages(events.follow('r', events.lastId('r'), signal));
  await new Promise((resolve) => setImmediate(resolve));
  events.publish('r', event('2'));
  await new Promise((resolve) => setImmediate(resolve));
  events.publish('r', event('3'));
  events.end('r');
  assert.deepEqual(await early, ['0', '1', '2', '3']);
  assert.deepEqual(await resumed, ['1', '2', '3']);
  assert.deepEqual(await late, ['2', '3']);
});

it('misses nothing that happened between asking and reading', async () => {
  const events = new RunEvents();
  events.publish('r', event('0'));
  const stream = events.follow('r', 0, new AbortController().signal);
  events.publish('r', event('last'));
  events.end('r');
  assert.deepEqual(await messages(stream), ['last']);
});

it('ends at once for a run that is over, and when the follower leaves', async () => {
  const events = new RunEvents();
  const leave = new AbortController();
  assert.deepEqual(await messages(events.follow('over', -1, leave.signal)), []);
  events.publish('r', event('0'));
  const stream = messages(events.follow('r', -1, leave.signal));
  await new Promise((resolve) => setImmediate(resolve));
  leave.abort();
  assert.deepEqual(await stream, ['0']);
});

it('keeps memory bounded when a follower falls behind', async () => {
  const events = new RunEvents();
  events.publish('r', event('0'));
  const stream = events.follow('r', -1, new AbortController().signal);
  for (let i = 1; i <= 5000; i++) events.publish('r', event(String(i)));
  events.end('r');
  const seen = await messages(stream);
  assert.equal(seen.length, 1000);
  assert.equal(seen.at(-1), '5000');
});
