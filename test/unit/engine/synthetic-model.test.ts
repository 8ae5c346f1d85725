import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RestorePoint } from '#core/restore-point.ts';
import type { RetentionPolicy } from '#core/retention.ts';
import { planSynthetic } from '#core/synthetic-plan.ts';
import { prune } from '#engine/prune.ts';
import { prunePoints } from '#engine/prune-points.ts';
import { seededRandom, type Random } from '#test/support/random.ts';

import { PowerCut, PruneWorld } from './prune-world.ts';

const dayMs = 86_400_000;
const signal = new AbortController().signal;

/** Whether the archives that are there suffice; by trying, without the code under test. */
function canRestore(world: PruneWorld, id: string): boolean {
  const point = world.archives.get(id);
  if (point === undefined) return false;
  const { parent } = point.header;
  if (parent === null) return true;
  const providers = [...world.archives.values()].filter(
    ({ header, seal }) =>
      (header.id === parent.id && seal === parent.seal) ||
      (header.replaces?.restorePointId === parent.id &&
        header.replaces.restorePointSeal === parent.seal),
  );
  return providers.some(({ header }) => canRestore(world, header.id));
}

/** Days whose disks can be had back: a synthetic full holds those of the day that it replaces. */
function daysThere(world: PruneWorld): ReadonlySet<number> {
  const days = [...world.archives.values()]
    .filter(({ header }) => canRestore(world, header.id))
    .map(({ header }) => Math.floor(header.createdAtMs / dayMs));
  return new Set(days);
}

/** Of all days with a backup; one a day, so that "last" and "daily" mean the same here. */
function daysWanted(days: readonly number[], policy: RetentionPolicy): ReadonlySet<number> {
  const newestFirst = days.toSorted((a, b) => b - a);
  const wanted = new Set(newestFirst.slice(0, Math.max(1, policy.last ?? 0, policy.daily ?? 0)));
  const monthOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 7);
  const months = new Map<string, number>();
  for (const day of newestFirst) if (!months.has(monthOf(day))) months.set(monthOf(day), day);
  for (const day of [...months.values()].slice(0, policy.monthly ?? 0)) wanted.add(day);
  return wanted;
}

function makeSynthetic(world: PruneWorld, replaced: RestorePoint): void {
  const { header, seal } = replaced;
  const made = world.add({ jobName: header.jobName, createdAtMs: header.createdAtMs });
  const point: RestorePoint = {
    ...made,
    header: {
      ...made.header,
      kind: 'synthetic',
      replaces: { restorePointId: header.id, restorePointSeal: seal },
    },
  };
  world.archives.set(point.header.id, point);
  world.catalog.set(point.header.id, point);
}

/** The newest, or what stands in for it. */
function newestOf(world: PruneWorld): RestorePoint | undefined {
  const sorted = [...world.catalog.values()].toSorted(
    (a, b) => b.header.createdAtMs - a.header.createdAtMs,
  );
  const [newest] = sorted;
  const standIn = sorted.find(
    ({ header }) => header.replaces?.restorePointId === newest?.header.id,
  );
  return standIn ?? newest;
}

function depthOf(world: PruneWorld, point: RestorePoint): number {
  const { parent } = point.header;
  if (parent === null) return 0;
  const standIn = [...world.archives.values()].find(
    ({ header }) => header.replaces?.restorePointId === parent.id,
  );
  return 1 + depthOf(world, standIn ?? world.archives.get(parent.id)!);
}

function randomPolicy(random: Random): RetentionPolicy {
  return {
    timeZone: 'UTC',
    last: random.below(12),
    daily: random.below(40),
    monthly: random.below(8),
  };
}

for (let seed = 0; seed < 4; seed++)
  test(`three years of an ever incremental job, seed ${seed}`, async () => {
    const random = seededRandom(100 + seed);
    const world = new PruneWorld();
    const most = 3 + random.below(12);
    let policy = randomPolicy(random);
    let synthetics = 0;
    let fulls = 0;
    let known: readonly number[] = [];
    for (let day = 0; day < 1100; day++) {
      const where = `seed ${seed}, day ${day}`;
      world.clock.advance(dayMs);
      if (random.next() < 0.005) {
        policy = randomPolicy(random);
        // What an earlier policy let go of a later one cannot have back.
        known = [...daysThere(world)];
      }
      if (random.next() < 0.1) continue;
      const parent = newestOf(world);
      const restorable = [...world.archives.keys()].filter((id) => canRestore(world, id));
      const before = daysThere(world);
      world.add({
        jobName: 'job',
        ...(parent === undefined ? {} : { parentId: parent.header.id }),
      });
      if (parent === undefined) fulls++;
      const today = Math.floor(world.clock.now() / dayMs);
      known = [...known, today];
      const inUse = new Set(random.next() < 0.1 ? restorable.slice(0, 1) : []);
      const isOwn = (): boolean => true;
      const plan = planSynthetic(
        prunePoints({
          points: [...world.archives.values()],
          marks: world.marks,
          isOwn,
          inUse: new Set(),
        }),
        policy,
        most,
      );
      // Now and then there was no room for one, or the mover died.
      if (plan !== undefined && random.next() < 0.8) {
        makeSynthetic(world, world.archives.get(plan.target)!);
        synthetics++;
        assert.ok(depthOf(world, newestOf(world)!) < most, `${where}: the chain stays long`);
      }
      const go = async (): Promise<void> => {
        const { stopped } = await prune(
          world.context(),
          { repository: world.repository, vm: world.vm, policy, isOwn, inUse: () => inUse },
          signal,
        );
        if (stopped !== undefined) throw new PowerCut(stopped.message);
      };
      world.cutAfter = random.next() < 0.3 ? random.below(8) : undefined;
      const wanted = [...daysWanted(known, policy)].filter((d) => before.has(d) || d === today);
      try {
        await go();
      } catch (error) {
        assert.ok(error instanceof PowerCut, `${where}: ${String(error)}`);
        for (const d of wanted) assert.ok(daysThere(world).has(d), `${where}: lost day ${d}`);
        world.cutAfter = undefined;
        world.locked = false;
        await go();
      }
      const there = daysThere(world);
      for (const d of wanted) assert.ok(there.has(d), `${where}: lost day ${d}`);
      for (const id of world.archives.keys())
        assert.ok(canRestore(world, id), `${where}: ${id} has a hole in its chain`);
      for (const id of inUse) assert.ok(world.archives.has(id), `${where}: ${id} was being read`);
    }
    assert.equal(fulls, 1, 'the VM was read whole once');
    assert.ok(synthetics > 20, `only ${synthetics} synthetic fulls`);
  });
