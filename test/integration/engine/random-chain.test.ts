import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { diskLabel } from '#core/disk-label.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { TransportChoice } from '#core/transport-plan.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { readChain } from '#engine/chain.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';
import { seededRandom, type Random } from '#test/support/random.ts';
import { firstDifference } from '#test/support/same-bytes.ts';

const MiB = 1024 ** 2;
const rounds = 5;
const transports: readonly TransportChoice[] = ['hotadd-vddk', 'hotadd-own', 'nbdssl', 'nbd'];

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)]!;
}

/** What guests and administrators do between backups, anywhere and in any size. */
async function live(ground: LabGround, random: Random): Promise<void> {
  const { lab } = ground;
  const { disks } = await ground.vm('demo-app');
  for (const { key, sizeBytes } of disks) {
    const at = { vm: 'demo-app', key };
    for (let i = random.below(12); i > 0; i--) {
      const offset = random.below(sizeBytes / 512) * 512;
      const length = Math.min(sizeBytes - offset, (1 + random.below(400)) * 512);
      if (random.below(4) === 0) await lab.trim({ ...at, offset, length });
      else await lab.writeGuest({ ...at, offset, length, seed: random.below(2 ** 31) });
    }
  }
  if (random.below(2) === 0) await lab.addForeignSnapshot({ vm: 'demo-app', name: 'by hand' });
  const { snapshots } = await ground.vm('demo-app');
  if (snapshots.length > 0 && random.below(3) === 0)
    await lab.removeSnapshot({ vm: 'demo-app', moref: pick(random, snapshots).moref });
  if ((await ground.vm('demo-app')).snapshots.length === 0 && random.below(2) === 0) {
    const { key, sizeBytes } = pick(random, disks);
    const more = 64 * 1024 * (1 + random.below(40));
    await lab.resizeDisk({ vm: 'demo-app', key, sizeBytes: sizeBytes + more });
  }
}

async function restoreAndCompare(
  ground: LabGround,
  made: { readonly point: RestorePoint; readonly capture: string; readonly by: TransportChoice },
): Promise<void> {
  const { bench, lab, signal } = ground;
  const { point, capture, by } = made;
  const name = `copy of ${point.header.id} by ${by}`;
  await restoreVm(
    bench.context,
    {
      endpoint: bench.endpoint,
      repository: bench.repository,
      restorePointId: point.header.id,
      taskId: name,
      target: { kind: 'new-vm', name, keepIdentity: false, onFailure: 'destroy' },
      powerOn: false,
      readBack: 'full',
      transports: [by],
    },
    { signal },
  );
  await ground.assertRestored(name, capture);
  await lab.removeVm({ vm: name });
}

/** The same with nothing of coldframe but the script that lies in the archive. */
async function rebuildByScript(
  ground: LabGround,
  point: RestorePoint,
  capture: string,
): Promise<void> {
  const { bench, folder, lab, signal } = ground;
  const { repository } = bench;
  const chain = await readChain(bench.context, { repository, point }, signal);
  const files = chain.map(({ path }) => join(repository.root, path));
  execFileSync('tar', ['-a', '-xf', files.at(-1)!, '-C', folder, 'restore.sh']);
  const out = join(folder, 'by-script');
  execFileSync('sh', [join(folder, 'restore.sh'), out, ...files]);
  for (const disk of point.header.disks) {
    const rebuilt = join(
      out,
      `${diskLabel({ controller: { ...disk.controller, sharedBus: false } })}.raw`,
    );
    const captured = join(lab.captureDir, capture, `${disk.key}.raw`);
    assert.equal(await firstDifference(rebuilt, captured), undefined, rebuilt);
  }
}

suite('random chains restore bit by bit', () => {
  for (const seed of [1, 2, 3])
    test(`seed ${seed}`, async () => {
      const random = seededRandom(seed);
      await using ground = await labGround({ vddk: true });
      const { bench, signal, lab } = ground;
      await lab.addDisk({
        vm: 'demo-app',
        disk: { sizeBytes: 3 * MiB + 512, controller: 'pvscsi', unit: 3, thin: true },
      });
      const points: RestorePoint[] = [];
      const captures: string[] = [];
      for (let round = 0; round < rounds; round++) {
        if (round > 0) await live(ground, random);
        const { restorePoint, warnings } = await backUpVm(
          bench.context,
          bench.backup(
            {},
            {
              transports: [pick(random, transports)],
              compression: pick(random, ['zstd', 'none'] as const),
              forceFull: random.below(5) === 0,
            },
          ),
          { signal },
        );
        assert.deepEqual(warnings, []);
        points.push(restorePoint);
        captures.push((await ground.captures()).at(-1)!);
      }
      assert.ok(points.some(({ header }) => header.kind === 'incremental'));
      const last = points.at(-1)!;
      for (const by of transports)
        await restoreAndCompare(ground, { point: last, capture: captures.at(-1)!, by });
      const other = random.below(rounds - 1);
      await restoreAndCompare(ground, {
        point: points[other]!,
        capture: captures[other]!,
        by: pick(random, transports),
      });
      await rebuildByScript(ground, last, captures.at(-1)!);
      for (const { moref } of (await ground.vm('demo-app')).snapshots)
        await lab.removeSnapshot({ vm: 'demo-app', moref });
      await ground.assertTidy();
    });
});
