import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RetentionPolicy } from '#core/retention.ts';
import { prune, type PruneOutcome } from '#engine/prune.ts';
import { seededRandom, type Random } from '#test/support/random.ts';

import { PowerCut, PruneWorld } from './prune-world.ts';

const hourMs = 3_600_000;
const job = 'nightly';
const signal = new AbortController().signal;

/** The names of periods once more, by other means than the code under test: all in UTC. */
const periodOf: Readonly<Record<string, (ms: number) => string>> = {
  hourly: (ms) => new Date(ms).toISOString().slice(0, 13),
  daily: (ms) => new Date(ms).toISOString().slice(0, 10),
  // 1 January 1970 was a Thursday; weeks begin on Monday.
  weekly: (ms) => String(Math.floor((Math.floor(ms / (24 * hourMs)) + 3) / 7)),
  monthly: (ms) => new Date(ms).toISOString().slice(0, 7),
  yearly: (ms) => new Date(ms).toISOString().slice(0, 4),
};

/** What must be there after a prune, worked out the slow and simple way. */
function mustKeep(world: PruneWorld, policy: RetentionPolicy, inUse: ReadonlySet<string>) {
  const all = [...world.archives.values()].toSorted(
    (a, b) => b.header.createdAtMs - a.header.createdAtMs || (a.header.id < b.header.id ? 1 : -1),
  );
  const isOwn = ({ header }: (typeof all)[number]): boolean =>
    header.jobName === job && world.catalog.has(header.id);
  const whole = all.filter((p) => isOwn(p) && world.chainOf(p.header.id) !== undefined);
  const wanted = new Set<string>();
  for (const p of all) {
    const { id } = p.header;
    const pinned = world.marks.get(id)?.pin !== undefined;
    if (!isOwn(p) || pinned || inUse.has(id) || world.chainOf(id) === undefined) wanted.add(id);
  }
  for (const p of whole.slice(0, policy.last ?? 0)) wanted.add(p.header.id);
  for (const [rule, name] of Object.entries(periodOf)) {
    const count = policy[rule as 'daily'] ?? 0;
    const periods = [...new Set(whole.map((p) => name(p.header.createdAtMs)))].slice(0, count);
    for (const period of periods)
      wanted.add(whole.find((p) => name(p.header.createdAtMs) === period)!.header.id);
  }
  for (const p of whole.slice(0, Math.max(1, policy.minimum ?? 1))) wanted.add(p.header.id);
  for (const id of wanted) {
    const parent = world.parentOf(id);
    // A set that grows while it is walked: down to the full.
    if (parent !== null && world.archives.has(parent)) wanted.add(parent);
  }
  return wanted;
}

function randomPolicy(random: Random): RetentionPolicy {
  const upTo = (most: number): number => (random.next() < 0.4 ? 0 : random.below(most));
  return {
    timeZone: 'UTC',
    last: upTo(5),
    hourly: upTo(30),
    daily: upTo(15),
    weekly: upTo(9),
    monthly: upTo(13),
    yearly: upTo(4),
    ...(random.next() < 0.3 ? { minimum: random.below(6) } : {}),
  };
}

function pickFrom<T>(random: Random, values: readonly T[]): T | undefined {
  return values[random.below(values.length)];
}

/** A run of the job, or of another one, or by hand; on the newest that the catalog knows. */
function backUp(world: PruneWorld, random: Random): void {
  const newest = [...world.catalog.values()].at(-1);
  const canBuild = newest !== undefined && world.chainOf(newest.header.id) !== undefined;
  const builds = canBuild && random.next() < 0.85;
  const setBack = random.next() < 0.03 ? 40 * hourMs : 0;
  const point = world.add({
    jobName: random.next() < 0.93 ? job : random.next() < 0.5 ? null : 'weekly',
    createdAtMs: world.clock.now() - setBack,
    ...(builds ? { parentId: newest.header.id } : {}),
  });
  // The power went between the commit of the archive and its catalog entry.
  if (random.next() < 0.02) world.catalog.delete(point.header.id);
}

function changeThings(world: PruneWorld, random: Random): void {
  const id = pickFrom(random, [...world.archives.keys()]);
  if (id === undefined) return;
  if (random.next() < 0.04)
    world.marks.set(id, { ...world.marks.get(id), pin: { atMs: 0, note: '' } });
  const pinned = [...world.marks].filter(([, { pin }]) => pin !== undefined);
  if (random.next() < 0.06 && pinned.length > 0) world.marks.delete(pickFrom(random, pinned)![0]);
}

for (let seed = 0; seed < 5; seed++)
  test(`two years of backups, policies, pins and power cuts, seed ${seed}`, async () => {
    const random = seededRandom(seed);
    const world = new PruneWorld();
    let policy = randomPolicy(random);
    let cuts = 0;
    let removedInAll = 0;
    for (let run = 0; run < 600; run++) {
      const where = `seed ${seed}, run ${run}`;
      world.clock.advance((1 + random.below(48)) * hourMs);
      if (random.next() < 0.01) policy = randomPolicy(random);
      changeThings(world, random);
      if (random.next() < 0.1) continue;
      backUp(world, random);
      const read = random.next() < 0.1 ? pickFrom(random, [...world.archives.keys()]) : undefined;
      const inUse = new Set(read === undefined ? [] : [read]);
      const expected = mustKeep(world, policy, inUse);
      const restorable = [...world.archives.keys()].filter((id) => world.chainOf(id) !== undefined);
      const go = (): Promise<PruneOutcome> =>
        prune(
          world.context(),
          {
            repository: world.repository,
            vm: world.vm,
            policy,
            isOwn: ({ header }) => header.jobName === job,
            inUse: () => inUse,
          },
          signal,
        );
      world.cutAfter = random.next() < 0.3 ? random.below(8) : undefined;
      const before = world.archives.size;
      try {
        const { stopped } = await go();
        if (stopped !== undefined) throw new PowerCut(stopped.message);
      } catch (error) {
        assert.ok(error instanceof PowerCut, `${where}: ${String(error)}`);
        cuts++;
        for (const id of expected) assert.ok(world.archives.has(id), `${where}: lost ${id}`);
        checkNoHoles(world, restorable, where);
        world.cutAfter = undefined;
        world.locked = false;
        await go();
      }
      removedInAll += before - world.archives.size;
      assert.deepEqual(new Set(world.archives.keys()), expected, where);
      checkNoHoles(world, restorable, where);
      for (const id of world.catalog.keys())
        assert.ok(world.archives.has(id), `${where}: the catalog lists ${id}, which is gone`);
    }
    assert.ok(cuts > 10, `only ${cuts} power cuts had an effect`);
    assert.ok(removedInAll > 100, `only ${removedInAll} points were removed`);
  });

/** What could be restored before and is still there can still be restored; and something can. */
function checkNoHoles(world: PruneWorld, restorable: readonly string[], where: string): void {
  for (const id of restorable)
    if (world.archives.has(id))
      assert.ok(world.chainOf(id) !== undefined, `${where}: the chain of ${id} has a hole`);
  if (restorable.length > 0)
    assert.ok(
      restorable.some((id) => world.archives.has(id)),
      `${where}: nothing good is left`,
    );
}
