import assert from 'node:assert/strict';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import type { RestorePoint } from '#core/restore-point.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { readChain } from '#engine/chain.ts';
import { makeSyntheticFull, type SyntheticRequest } from '#engine/make-synthetic-full.ts';
import type { EngineContext } from '#engine/ports.ts';
import { prune } from '#engine/prune.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { verifyRestorePoint } from '#engine/verify-restore-point.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';

const policy = { last: 2, timeZone: 'UTC' };

interface Chain {
  readonly points: readonly RestorePoint[];
  readonly captures: readonly string[];
}

async function write(ground: LabGround, seed: number): Promise<void> {
  const { disks } = await ground.vm('demo-app');
  for (const { key } of disks)
    await ground.lab.writeGuest({
      vm: 'demo-app',
      key,
      offset: 512 * seed * 3,
      length: 512 * 70,
      seed,
    });
}

async function backUp({ bench, signal }: LabGround): Promise<RestorePoint> {
  const { restorePoint } = await backUpVm(bench.context, bench.backup(), { signal });
  return restorePoint;
}

async function makeChain(ground: LabGround, length: number): Promise<Chain> {
  const points: RestorePoint[] = [];
  const captures: string[] = [];
  for (let i = 0; i < length; i++) {
    if (i > 0) await write(ground, i);
    points.push(await backUp(ground));
    captures.push((await ground.captures()).at(-1)!);
  }
  return { points, captures };
}

function requestFor({ bench }: LabGround, point: RestorePoint, max: number): SyntheticRequest {
  return {
    repository: bench.repository,
    vm: point.header.vm,
    policy,
    isOwn: () => true,
    maxIncrementals: max,
    compressLevel: 1,
    endpointId: bench.endpoint.id,
    runId: 'run1',
    taskId: 'synthetic-task',
  };
}

async function restored(
  ground: LabGround,
  { point, capture }: { readonly point: string; readonly capture: string },
): Promise<void> {
  const { bench, signal } = ground;
  const name = `copy of ${point}`;
  await restoreVm(
    bench.context,
    {
      endpoint: bench.endpoint,
      repository: bench.repository,
      restorePointId: point,
      taskId: name,
      target: { kind: 'new-vm', name, keepIdentity: false, onFailure: 'destroy' },
      powerOn: false,
      readBack: 'full',
      transports: ['hotadd-own'],
    },
    { signal },
  );
  await ground.assertRestored(name, capture);
}

async function files({ bench }: LabGround): Promise<readonly string[]> {
  const found = await readdir(bench.repository.root, { recursive: true });
  return found.filter((name) => name.includes('.tar')).toSorted();
}

test('a chain is renewed without the VM, and goes on from there', async () => {
  await using ground = await labGround({ vddk: false });
  const { bench, signal } = ground;
  const { points, captures } = await makeChain(ground, 5);
  const last = points.at(-1)!;
  assert.equal(
    await makeSyntheticFull(bench.context, requestFor(ground, last, 5), { signal }),
    undefined,
  );

  const made = await makeSyntheticFull(bench.context, requestFor(ground, last, 4), { signal });
  // Two are kept, so the older of them becomes the full and the three before it may go.
  assert.equal(made?.replaces, points[3]!.header.id);
  const { header } = made.restorePoint;
  assert.equal(header.kind, 'synthetic');
  assert.equal(header.activeFullAtMs, points[0]!.header.createdAtMs);
  assert.ok(header.disks.every(({ mode }) => mode === 'full'));

  const pruned = await prune(
    bench.context,
    { ...requestFor(ground, last, 4), inUse: () => new Set() },
    signal,
  );
  assert.equal(pruned.stopped, undefined);
  assert.deepEqual(
    pruned.removed.map(({ header: { id } }) => id).toSorted(),
    points
      .slice(0, 4)
      .map(({ header: { id } }) => id)
      .toSorted(),
  );
  const chain = await readChain(
    bench.context,
    { repository: bench.repository, point: last },
    signal,
  );
  assert.deepEqual(
    chain.map(({ header: { id } }) => id),
    [header.id, last.header.id],
  );
  assert.deepEqual(
    (
      await verifyRestorePoint(
        bench.context,
        { repository: bench.repository, restorePointId: last.header.id },
        { signal },
      )
    ).damage,
    [],
  );
  await restored(ground, { point: last.header.id, capture: captures[4]! });
  await restored(ground, { point: header.id, capture: captures[3]! });

  await write(ground, 9);
  const next = await backUp(ground);
  assert.equal(next.header.kind, 'incremental');
  assert.equal(next.header.parent?.id, last.header.id);
  await restored(ground, {
    point: next.header.id,
    capture: (await ground.captures()).at(-1)!,
  });
  await ground.assertTidy();
});

test('the newest restore point is the one that is replaced where all are kept', async () => {
  await using ground = await labGround({ vddk: false });
  const { bench, signal } = ground;
  const { points, captures } = await makeChain(ground, 3);
  const last = points.at(-1)!;
  const all = { ...requestFor(ground, last, 2), policy: { last: 10, timeZone: 'UTC' } };
  const made = await makeSyntheticFull(bench.context, all, { signal });
  assert.equal(made?.replaces, last.header.id);
  const { removed } = await prune(bench.context, { ...all, inUse: () => new Set() }, signal);
  assert.deepEqual(
    removed.map(({ header }) => header.id),
    [last.header.id],
  );
  await write(ground, 7);
  const next = await backUp(ground);
  assert.equal(next.header.parent?.id, made.restorePoint.header.id);
  assert.ok(next.header.disks.every(({ mode }) => mode === 'incremental'));
  await restored(ground, { point: next.header.id, capture: (await ground.captures()).at(-1)! });
  await restored(ground, { point: points[1]!.header.id, capture: captures[1]! });
});

test('a mover that dies, and a damaged source, leave the chain as it was', async () => {
  await using ground = await labGround({ vddk: false });
  const { bench, signal } = ground;
  const { points } = await makeChain(ground, 3);
  const last = points.at(-1)!;
  const request = requestFor(ground, last, 2);
  const before = await files(ground);

  const dying: EngineContext = {
    ...bench.context,
    mover: {
      run: async (order, options) => {
        const stop = new AbortController();
        const both = AbortSignal.any([options.signal, stop.signal]);
        return bench.context.mover.run(order, {
          ...options,
          signal: both,
          onProgress: () => stop.abort(new Error('pulled')),
        });
      },
    },
  };
  await assert.rejects(makeSyntheticFull(dying, request, { signal }));
  assert.deepEqual(await files(ground), before);
  assert.deepEqual(await bench.catalog.journal.open(), []);

  const victim = join(bench.repository.root, points[1]!.path);
  const bytes = await readFile(victim);
  {
    await using file = await open(victim, 'r+');
    await file.write(Buffer.of(bytes[20_000]! ^ 0xff), 0, 1, 20_000);
  }
  await assert.rejects(makeSyntheticFull(bench.context, request, { signal }));
  assert.deepEqual(await files(ground), before);
  {
    await using file = await open(victim, 'r+');
    await file.write(bytes.subarray(20_000, 20_001), 0, 1, 20_000);
  }
  assert.ok(await makeSyntheticFull(bench.context, request, { signal }));
});
