import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { it } from 'node:test';

import type { TaskRecord } from '#core/run.ts';
import { createServiceLog } from '#service/log/logger.ts';
import { SecretMask } from '#service/log/secret-mask.ts';
import { recoverThenRun } from '#service/recover-then-run.ts';
import { noSystemd } from '#service/systemd.ts';

function makeParts(recover: (signal: AbortSignal) => Promise<{ undone: number; open: [] }>) {
  const steps: string[] = [];
  const ended: ((task: TaskRecord) => void)[] = [];
  const started = Promise.withResolvers<void>();
  const stream = new PassThrough();
  const log = createServiceLog({ level: 'info', journald: false, mask: new SecretMask(), stream });
  const parts = {
    queue: {
      markInterrupted: async () => {
        steps.push('mark');
        return 2;
      },
      onTaskEnd: (listener: (task: TaskRecord) => void) => {
        ended.push(listener);
      },
      start: () => {
        steps.push('start');
        started.resolve();
      },
    },
    useCases: {
      recover: (signal: AbortSignal) => {
        steps.push('recover');
        return recover(signal);
      },
    },
    systemd: noSystemd,
    log,
  };
  const endTask = (state: TaskRecord['state']): void => {
    for (const listener of ended) listener({ state } as TaskRecord);
  };
  return {
    parts,
    steps,
    endTask,
    started: started.promise,
    lines: () => String(stream.read() ?? ''),
  };
}

it('marks and undoes before any task runs', async () => {
  const { parts, steps, started, lines } = makeParts(async () => ({ undone: 3, open: [] }));
  await using _recovery = recoverThenRun(parts);
  await started;
  assert.deepEqual(steps, ['mark', 'recover', 'start']);
  const text = lines();
  assert.match(text, /2 runs were interrupted/);
  assert.match(text, /"undone":3/);
});

it('lets tasks run although something could not be undone, and says so', async () => {
  const { parts, steps, started, lines } = makeParts(async () => {
    throw new Error('the catalog cannot be read');
  });
  await using _recovery = recoverThenRun(parts);
  await started;
  assert.deepEqual(steps, ['mark', 'recover', 'start']);
  assert.match(
    lines(),
    /could not be undone.*the catalog cannot be read|the catalog cannot be read/,
  );
});

it('stops in the middle of undoing and starts nothing then', async () => {
  const reached = Promise.withResolvers<void>();
  const { parts, steps } = makeParts(
    (signal) =>
      new Promise((_resolve, reject) => {
        reached.resolve();
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
  const recovery = recoverThenRun(parts);
  await reached.promise;
  await recovery[Symbol.asyncDispose]();
  assert.deepEqual(steps, ['mark', 'recover']);
});

it('undoes again after tasks that did not end well, one time after the other', async () => {
  let running = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const { parts, steps, endTask, started } = makeParts(async () => {
    most = Math.max(most, ++running);
    if (steps.length > 3) await gate.promise;
    running -= 1;
    return { undone: 0, open: [] };
  });
  const recovery = recoverThenRun(parts);
  await started;
  endTask('succeeded');
  await new Promise(setImmediate);
  assert.deepEqual(steps, ['mark', 'recover', 'start']);
  endTask('failed');
  await new Promise(setImmediate);
  assert.equal(steps.length, 4);
  for (const state of ['failed', 'cancelled', 'warned'] as const) endTask(state);
  gate.resolve();
  await new Promise(setImmediate);
  assert.equal(steps.length, 5, 'three that ended meanwhile need one more look');
  assert.equal(most, 1);
  await recovery[Symbol.asyncDispose]();
  endTask('failed');
  await new Promise(setImmediate);
  assert.equal(steps.length, 5);
});
