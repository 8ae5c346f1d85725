import assert from 'node:assert/strict';
import { test } from 'node:test';

import { prune, type PruneRequest } from '#engine/prune.ts';
import { removeRestorePoint } from '#engine/remove-restore-point.ts';

import { PruneWorld } from './prune-world.ts';

const signal = new AbortController().signal;
const dayMs = 86_400_000;

/** A chain of `length` points, a day apart; their ids, oldest first. */
function chain(world: PruneWorld, length: number): string[] {
  const ids: string[] = [];
  for (let i = 0; i < length; i++) {
    world.clock.advance(dayMs);
    const parentId = ids.at(-1);
    ids.push(world.add({ jobName: 'a', ...(parentId ? { parentId } : {}) }).header.id);
  }
  return ids;
}

function request(world: PruneWorld, change: Partial<PruneRequest> = {}): PruneRequest {
  return {
    repository: world.repository,
    vm: world.vm,
    policy: { last: 1, timeZone: 'UTC' },
    isOwn: () => true,
    inUse: () => new Set(),
    ...change,
  };
}

test('a dead chain goes newest first; the one that is needed stays, with reasons', async () => {
  const world = new PruneWorld();
  const dead = chain(world, 3);
  const live = chain(world, 2);
  const { removed, verdicts } = await prune(world.context(), request(world), signal);
  assert.deepEqual(
    removed.map(({ header }) => header.id),
    dead.toReversed(),
  );
  assert.deepEqual(
    verdicts.map(({ reasons }) => reasons),
    [[{ rule: 'last' }], [{ rule: 'needed', by: live[1] }], [], [], []],
  );
  assert.deepEqual([...world.catalog.keys()], live);
  assert.equal(world.marks.size, 0);
  assert.equal(world.locked, false);
});

test('nothing goes when an archive is missing, replaced, doubled or cannot be read', async () => {
  const spoil: readonly (readonly [RegExp, (world: PruneWorld, id: string) => void])[] = [
    [/lacks demo-app_5000.*repository rebuild main/, (w, id) => w.archives.delete(id)],
    [
      /its seal differs/,
      (w, id) => w.archives.set(id, { ...w.archives.get(id)!, seal: '00'.repeat(32) }),
    ],
    [/twice/, (w, id) => w.archives.set('copy', { ...w.archives.get(id)!, path: 'a_b/copy.tar' })],
    [/cannot be read/, (w, id) => (w.unreadable = id)],
  ];
  for (const [message, damage] of spoil) {
    const world = new PruneWorld();
    chain(world, 3);
    const other = chain(world, 2);
    damage(world, other[0]!);
    const archives = new Map(world.archives);
    await assert.rejects(prune(world.context(), request(world), signal), { message });
    assert.deepEqual(world.archives, archives);
    assert.equal(world.catalog.size, 5);
    assert.equal(world.locked, false);
  }
});

test('a point with a broken chain does not stand in for the last good one', async () => {
  const world = new PruneWorld();
  const good = chain(world, 2);
  world.clock.advance(dayMs);
  const broken = world.add({ jobName: 'a', parentId: 'lost' }).header.id;
  const { removed, verdicts } = await prune(world.context(), request(world), signal);
  assert.deepEqual(removed, []);
  assert.deepEqual(verdicts[0], {
    id: broken,
    keep: true,
    reasons: [{ rule: 'broken', missing: 'lost' }],
  });
  assert.deepEqual(verdicts[1]!.reasons, [{ rule: 'last' }]);
  assert.equal(verdicts[1]!.id, good[1]);
});

test('what another appliance made on ours keeps ours', async () => {
  const world = new PruneWorld();
  const ours = chain(world, 1)[0]!;
  world.clock.advance(dayMs);
  const theirs = world.add({ jobName: 'a', parentId: ours }).header.id;
  world.catalog.delete(theirs);
  chain(world, 1);
  const { removed } = await prune(world.context(), request(world), signal);
  assert.deepEqual(removed, []);
});

test('a pin or a restore that comes in between stops the rest', async () => {
  for (const kind of ['pin', 'restore'] as const) {
    const world = new PruneWorld();
    const dead = chain(world, 4);
    chain(world, 1);
    const reading = new Set<string>();
    let deletions = 0;
    world.beforeRemove = () => {
      if (++deletions !== 2) return;
      if (kind === 'restore') reading.add(dead[1]!);
      else world.marks.set(dead[1]!, { pin: { atMs: 0, note: '' } });
    };
    const outcome = await prune(world.context(), request(world, { inUse: () => reading }), signal);
    assert.equal(outcome.stopped?.code, 'busy', kind);
    assert.deepEqual(
      outcome.removed.map(({ header }) => header.id),
      [dead[3], dead[2]],
    );
    assert.deepEqual(world.chainOf(dead[1]!), [dead[1], dead[0]]);
    const next = await prune(world.context(), request(world, { inUse: () => reading }), signal);
    assert.deepEqual(next.removed, []);
    assert.ok([...world.marks.values()].every(({ removing }) => removing === undefined));
  }
});

test('it stops when it is told to, and says so', async () => {
  const world = new PruneWorld();
  chain(world, 3);
  chain(world, 1);
  const stop = new AbortController();
  world.beforeRemove = () => stop.abort(new Error('enough'));
  const outcome = await prune(world.context(), request(world), stop.signal);
  assert.equal(outcome.removed.length, 1);
  assert.equal(outcome.stopped?.message, 'enough');
});

test('by hand: refused while needed, pinned, being read or the last good one', async () => {
  const world = new PruneWorld();
  const [full, incremental] = chain(world, 2);
  const remove = (id: string, more: { evenLast?: boolean; inUse?: string } = {}) =>
    removeRestorePoint(
      world.context(),
      {
        repository: world.repository,
        vm: world.vm,
        id,
        evenLast: more.evenLast ?? false,
        inUse: () => new Set(more.inUse === undefined ? [] : [more.inUse]),
      },
      signal,
    );
  await assert.rejects(remove(full!), {
    code: 'not-eligible',
    message: new RegExp(`${incremental} builds on it`),
  });
  await assert.rejects(remove(incremental!, { inUse: incremental! }), { code: 'busy' });
  world.marks.set(incremental!, { pin: { atMs: 0, note: 'before the upgrade' } });
  await assert.rejects(remove(incremental!), { message: /pinned \(before the upgrade\)/ });
  world.marks.delete(incremental!);
  await remove(incremental!);
  await assert.rejects(remove(full!), { message: /the last good one of demo-app/ });
  await remove(full!, { evenLast: true });
  assert.equal(world.archives.size + world.catalog.size + world.marks.size, 0);
});
