import assert from 'node:assert/strict';
import { it } from 'node:test';

import { Progress } from '#cli/progress.ts';
import type { TaskDisk } from '#core/run.ts';
import { testClock } from '#test/support/test-clock.ts';

const gib = 1024 ** 3;

function makeProgress(live: boolean) {
  const clock = testClock(0);
  let written = '';
  const err = { write: (text: string) => (written += text) };
  const progress = new Progress({ err, live, columns: 100, now: () => clock.now() });
  const take = (): string => {
    const text = written;
    written = '';
    return text;
  };
  return { progress, clock, take };
}

function disk(doneBytes: number, change: Partial<TaskDisk> = {}): TaskDisk {
  return {
    label: 'disk-0',
    phase: 'copying',
    doneBytes,
    totalBytes: 4 * gib,
    storedBytes: 0,
    ...change,
  };
}

it('shows rate and time left, and says more of other phases', () => {
  const { progress, clock, take } = makeProgress(true);
  progress.update('demo', disk(0));
  clock.advance(1000);
  take();
  progress.update('demo', disk(gib, { transport: 'hotadd' }));
  assert.match(
    take(),
    /demo disk-0 {2}━{6}╌{18} {2}25% of 4\.0 GiB, 1\.0 GiB\/s, 3\.0 s left hotadd\n$/,
  );
  progress.update('demo', disk(0, { phase: 'reading-back' }));
  assert.match(take(), /0% of 4\.0 GiB reading-back\n$/);
});

it('rates follow the last seconds, not the whole run', () => {
  const { progress, clock, take } = makeProgress(true);
  progress.update('demo', disk(0));
  for (let second = 1; second <= 20; second++) {
    clock.advance(1000);
    take();
    progress.update('demo', disk(second <= 10 ? 0 : (second - 10) * 100 * 1024 ** 2));
  }
  assert.match(take(), /, 100 MiB\/s,/);
});

it('redraws one bar a disk in place, and takes them away at the end', () => {
  const { progress, take } = makeProgress(true);
  progress.update('demo', disk(1));
  progress.update('demo', disk(1, { label: 'disk-1' }));
  take();
  progress.update('demo', disk(2));
  const redrawn = take();
  assert.ok(redrawn.startsWith('\u001b[2A\r\u001b[J'));
  assert.equal(redrawn.split('\n').length, 3);
  progress.say('Snapshot made.');
  // eslint-disable-next-line no-control-regex
  assert.match(take(), /\u001b\[JSnapshot made\.\n.*disk-0.*\n.*disk-1.*\n$/);
  progress.end();
  assert.equal(take(), '\u001b[2A\r\u001b[J');
});

it('writes a line now and then where lines cannot be redrawn', () => {
  const { progress, clock, take } = makeProgress(false);
  for (let second = 0; second < 25; second++) {
    progress.update('demo', disk(second * gib * 0.1));
    clock.advance(1000);
  }
  const lines = take().trimEnd().split('\n');
  assert.equal(lines.length, 2);
  assert.match(lines[0]!, /^demo disk-0: +25% of 4\.0 GiB/);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(lines.join(''), /\u001b/);
});

it('has no trouble with an empty disk', () => {
  const { progress, take } = makeProgress(true);
  progress.update('demo', disk(0, { totalBytes: 0 }));
  assert.match(take(), /100% of 0 B/);
});
