import assert from 'node:assert/strict';
import { it } from 'node:test';

import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import { createProtections } from '#service/operations/protections.ts';
import { testClock } from '#test/support/test-clock.ts';

const repository = { id: 'r', name: 'main', root: '/srv/main', addedAtMs: 0 };
const path = 'vm_1/a.tar.zst';
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function open(
  found: RepositoryConfig,
  outcome: 'refused' | 'possible' | ColdframeError = 'refused',
) {
  const saved: RepositoryConfig[] = [];
  const asked: unknown[] = [];
  const protections = createProtections({
    clock: testClock(Date.UTC(2026, 0, 1)),
    store: { saveRepository: async (each) => void saved.push(each) },
    repositories: { find: async () => found },
    helper: {
      ask: async (verb, input) => {
        asked.push([verb, input]);
        if (outcome instanceof ColdframeError) throw outcome;
        return input as never;
      },
    },
    prove: async () => {
      assert.ok(!(outcome instanceof ColdframeError));
      return { overwriting: 'refused', deleting: outcome };
    },
  });
  return { protections, saved, asked };
}

it('keeps the number of days with the repository, and refuses NFS', async () => {
  const { protections, saved } = open(repository);
  assert.equal((await protections.set('main', 14)).protectDays, 14);
  const off = open({ ...repository, protectDays: 14 });
  assert.deepEqual(await off.protections.set('main', 0), repository);
  assert.deepEqual([...saved, ...off.saved], [{ ...repository, protectDays: 14 }, repository]);
  const nfs = { server: 'nas', path: '/x', version: '4.1' } as const;
  const onNfs = open({ ...repository, nfs });
  await assert.rejects(onNfs.protections.set('main', 1), { code: 'not-eligible' });
});

it('protects from now on for the days, proves it and says so', async () => {
  const { protections, asked } = open({ ...repository, protectDays: 14 });
  const done = await protections.protect(
    { repository: { ...repository, protectDays: 14 }, path },
    log,
  );
  assert.deepEqual(asked, [
    ['protect', { path: '/srv/main/vm_1/a.tar.zst', untilMs: Date.UTC(2026, 0, 15) }],
  ]);
  assert.deepEqual(done, {
    warnings: [],
    result: {
      protection: {
        until: '2026-01-15T00:00:00.000Z',
        overwriting: 'refused',
        deleting: 'refused',
      },
    },
  });
});

it('does nothing for a repository without protection', async () => {
  const { protections, asked } = open(repository);
  assert.equal(await protections.protect({ repository, path }, log), undefined);
  assert.deepEqual(asked, []);
});

it('warns when the archive could be harmed all the same, or not protected at all', async () => {
  const guarded = { ...repository, protectDays: 1 };
  const weak = await open(guarded, 'possible').protections.protect(
    { repository: guarded, path },
    log,
  );
  assert.match(weak?.warnings?.[0] ?? '', /deleting it was possible in spite of its protection/);
  const none = new ColdframeError('io', 'chattr: Operation not supported');
  const failed = await open(guarded, none).protections.protect({ repository: guarded, path }, log);
  assert.match(
    failed?.warnings?.[0] ?? '',
    /The backup is good, but it could not be protected: chattr/,
  );
});
