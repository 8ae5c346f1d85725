import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { Clock } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';
import type { MoverProgress, VddkCleanupOrder, VerifyOrder } from '#core/mover-orders.ts';
import { Secret } from '#core/secret.ts';
import { createMover, type MoverOptions } from '#mover/parent.ts';
import { systemClock } from '#service/system-clock.ts';

const order: VerifyOrder = {
  kind: 'verify',
  chain: [{ repository: { root: '/nowhere', repositoryId: 'r1' }, path: 'a/b.tar' }],
};
const settings = { vddkStateDir: '/var/lib/coldframe/vddk', workerEnv: { A: 'b' } };
const running = new AbortController().signal;

function moverOf(child: string, options: Partial<MoverOptions> = {}) {
  const program = fileURLToPath(new URL(`children/${child}.ts`, import.meta.url));
  return createMover({ clock: systemClock, settings, program, graceMs: 2000, ...options });
}

/** True while the process exists. */
function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

suite('mover process', () => {
  test('gets the order, tells progress and log, and gives the result', async () => {
    const progress: MoverProgress[] = [];
    const log: string[] = [];
    let pid = 0;
    const result: unknown = await moverOf('answer').run(order, {
      signal: running,
      onProgress: (each) => progress.push(each),
      onLog: (level, message) => log.push(`${level} ${message}`),
      onStart: (started) => (pid = started),
    });
    const told = result as { message: unknown; env: Record<string, string>; argv: string[] };
    assert.deepEqual(told.message, { order, settings });
    assert.deepEqual(
      progress.map(({ doneBytes }) => doneBytes),
      [1],
    );
    assert.deepEqual(log, ['warn look at this']);
    assert.equal(lives(pid), false);
  });

  test('its environment and arguments hold nothing of ours', async () => {
    const result: unknown = await moverOf('answer', { env: { TZ: 'UTC' } }).run(order, {
      signal: running,
    });
    const told = result as { env: Record<string, string>; argv: string[] };
    assert.deepEqual(told.env, { TZ: 'UTC' });
    assert.deepEqual(told.argv, []);
  });

  test('a password reaches the child as a value', async () => {
    const cleanup: VddkCleanupOrder = {
      kind: 'vddk-cleanup',
      access: {
        kind: 'vddk',
        libDir: '/opt/vddk',
        server: 'vc',
        port: 443,
        thumbprint: Array.from({ length: 20 }, () => 'AB').join(':'),
        user: 'u',
        password: new Secret('hunter2'),
        vmMoref: 'vm-1',
        path: '',
        transports: ['hotadd'],
      },
    };
    const result: unknown = await moverOf('answer').run(cleanup, { signal: running });
    assert.ok(JSON.stringify(result).includes('hunter2'));
  });

  test('its failure arrives whole', async () => {
    await assert.rejects(moverOf('fail').run(order, { signal: running }), (error: unknown) => {
      assert.ok(error instanceof ColdframeError);
      assert.equal(error.code, 'disk');
      assert.deepEqual(error.details, { stage: 'open', labels: ['scsi0-0'] });
      assert.ok(error.cause instanceof ColdframeError && error.cause.code === 'io');
      return true;
    });
  });

  test('its death is told with signal and last words', async () => {
    await assert.rejects(moverOf('crash').run(order, { signal: running }), {
      code: 'process-died',
      message: /ended by SIGKILL without a result.*the last words/,
    });
  });

  test('a program that does not exist', async () => {
    const mover = moverOf('no-such-program');
    await assert.rejects(mover.run(order, { signal: running }), { code: 'process-died' });
  });

  test('silence ends it', async () => {
    let pid = 0;
    const mover = moverOf('silent', { heartbeatMs: 300 });
    await assert.rejects(
      mover.run(order, { signal: running, onStart: (started) => (pid = started) }),
      { code: 'process-died', message: /no sign of life/ },
    );
    assert.equal(lives(pid), false);
  });

  test('a mover that moves nothing is ended, by SIGKILL if it must be', async () => {
    let pid = 0;
    const mover = moverOf('stuck', { progressMs: 400, graceMs: 200 });
    await assert.rejects(
      mover.run(order, { signal: running, onStart: (started) => (pid = started) }),
      { code: 'process-died', message: /moved no data/ },
    );
    assert.equal(lives(pid), false);
  });

  test('stopping rejects with the reason, and the process has ended by then', async () => {
    const stop = new AbortController();
    let pid = 0;
    const reason = new ColdframeError('cancelled', 'Cancelled by the administrator.');
    await assert.rejects(
      moverOf('silent').run(order, {
        signal: stop.signal,
        onStart: (started) => {
          pid = started;
          stop.abort(reason);
        },
      }),
      reason,
    );
    assert.equal(lives(pid), false);
  });

  test('an order that was stopped before is not begun', async () => {
    const clock: Clock = systemClock;
    const mover = createMover({ clock, settings, program: '/nowhere' });
    const signal = AbortSignal.abort(new ColdframeError('cancelled', 'no'));
    await assert.rejects(mover.run(order, { signal }), { code: 'cancelled' });
  });
});
