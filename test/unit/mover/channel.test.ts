import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { MoverEvent, MoverProgress } from '#core/mover-orders.ts';
import { createReporter, failure } from '#mover/channel.ts';

function recorded() {
  const events: MoverEvent[] = [];
  let nowMs = 0;
  const reporter = createReporter(
    {
      send: (event) => {
        events.push(event);
        return Promise.resolve();
      },
    },
    () => nowMs,
  );
  const progress = (doneBytes: number, change: Partial<MoverProgress> = {}): void =>
    reporter.progress({
      label: 'scsi0-0',
      phase: 'copying',
      doneBytes,
      totalBytes: 1000,
      storedBytes: 0,
      ...change,
    });
  const done = () =>
    events.map((event) => (event.type === 'progress' ? event.progress.doneBytes : event.type));
  return { progress, done, pass: (ms: number) => (nowMs += ms), reporter };
}

test('progress is thinned out to a few times a second', () => {
  const { progress, done, pass } = recorded();
  for (let bytes = 0; bytes < 100; bytes++) {
    progress(bytes);
    pass(10);
  }
  assert.deepEqual(done(), [0, 30, 60, 90]);
});

test('the end, a new phase and another disk are told at once', () => {
  const { progress, done } = recorded();
  progress(1);
  progress(2);
  progress(1000);
  progress(3, { phase: 'reading-back' });
  progress(4, { label: 'scsi0-1' });
  assert.deepEqual(done(), [1, 1000, 3, 4]);
});

test('log lines all pass, and failures carry their cause', () => {
  const { reporter, done } = recorded();
  reporter.log('info', 'a');
  reporter.log('info', 'b');
  assert.deepEqual(done(), ['log', 'log']);
  assert.deepEqual(failure(new Error('x', { cause: new Error('y') })), {
    type: 'failed',
    error: { code: 'internal', message: 'x', cause: { code: 'internal', message: 'y' } },
  });
});
