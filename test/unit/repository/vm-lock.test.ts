import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import type { Clock } from '#core/clock.ts';
import { lockProcess } from '#repository/lock-process.ts';
import { lockVmFolder } from '#repository/vm-lock.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

/** Time that moves when told to; every sleeper whose time has come wakes. */
function handClock(): Clock & { advance(ms: number): Promise<void> } {
  let now = 1_000_000;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }),
    advance: async (ms) => {
      now += ms;
      for (const sleeper of sleepers) if (sleeper.at <= now) sleeper.wake();
      // Lets the heartbeat's file work finish.
      await new Promise((resolve) => setTimeout(resolve, 50));
    },
  };
}

test('one holder at a time, and the lock is given back', async () => {
  await using dir = await temporaryFolder();
  const clock = handClock();
  const options = { vmFolder: dir.path, clock };
  {
    await using held = await lockVmFolder({
      ...options,
      applianceId: 'a1',
      owner: 'appliance one',
      token: 't1',
    });
    assert.ok(held);
    await assert.rejects(
      lockVmFolder({ ...options, applianceId: 'a1', owner: 'appliance two', token: 't2' }),
      {
        code: 'busy',
        message: /appliance one/,
      },
    );
  }
  assert.deepEqual(await readdir(dir.path), []);
  await using again = await lockVmFolder({
    ...options,
    applianceId: 'a1',
    owner: 'appliance two',
    token: 't3',
  });
  assert.ok(again);
});

test('the heartbeat keeps a live lock from going stale', async () => {
  await using dir = await temporaryFolder();
  const clock = handClock();
  await using held = await lockVmFolder({
    vmFolder: dir.path,
    clock,
    applianceId: 'a1',
    owner: 'one',
    token: 't1',
  });
  assert.ok(held);
  for (let i = 0; i < 25; i++) await clock.advance(30_000);
  await assert.rejects(
    lockVmFolder({ vmFolder: dir.path, clock, applianceId: 'a1', owner: 'two', token: 't2' }),
    {
      code: 'busy',
    },
  );
});

test('the lock of a dead holder ends after ten minutes', async () => {
  await using dir = await temporaryFolder();
  const clock = handClock();
  const lock = { owner: 'dead', token: 't0', heartbeatAtMs: clock.now() };
  await writeFile(dir.join('.coldframe-lock.json'), JSON.stringify(lock));
  const take = (): Promise<AsyncDisposable> =>
    lockVmFolder({ vmFolder: dir.path, clock, applianceId: 'a1', owner: 'two', token: 't2' });
  await assert.rejects(take(), { code: 'busy', message: /dead/ });
  await clock.advance(10 * 60_000 + 1);
  await using held = await take();
  assert.ok(held);
  assert.match(await readFile(dir.join('.coldframe-lock.json'), 'utf8'), /"token":"t2"/);
});

test('the lock of a dead process of the same appliance ends at once, and no other', async () => {
  await using dir = await temporaryFolder();
  const clock = handClock();
  const dead = spawnSync(process.execPath, ['--version']).pid;
  const take = (applianceId: string): Promise<AsyncDisposable> =>
    lockVmFolder({ vmFolder: dir.path, clock, applianceId, owner: 'two', token: 't2' });
  const lie = (holder: ReturnType<typeof lockProcess>): Promise<void> =>
    writeFile(
      dir.join('.coldframe-lock.json'),
      JSON.stringify({ owner: 'one', token: 't1', heartbeatAtMs: clock.now(), holder }),
    );
  const own = lockProcess('a1');
  for (const holder of [
    own,
    { ...own, pid: process.ppid },
    { ...own, pid: dead, bootId: 'of another machine' },
  ]) {
    await lie(holder);
    await assert.rejects(take('a1'), { code: 'busy' });
  }
  await lie({ ...own, pid: dead });
  await assert.rejects(take('a2'), { code: 'busy' });
  await using taken = await take('a1');
  assert.ok(taken);
});

test('a process with our id that began at another time is not us', async () => {
  await using dir = await temporaryFolder();
  const clock = handClock();
  const own = lockProcess('a1');
  const holder = { ...own, startedAtMs: own.startedAtMs - 1 };
  const lock = { owner: 'one', token: 't1', heartbeatAtMs: clock.now(), holder };
  await writeFile(dir.join('.coldframe-lock.json'), JSON.stringify(lock));
  await using taken = await lockVmFolder({
    vmFolder: dir.path,
    clock,
    applianceId: 'a1',
    owner: 'two',
    token: 't2',
  });
  assert.ok(taken);
});
