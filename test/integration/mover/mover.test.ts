import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ArchiveChain } from '#archive/chain.ts';
import { piecesOf } from '#archive/chain-image.ts';
import { ColdframeError } from '#core/error.ts';
import { wholeDisk } from '#core/extents.ts';
import type { BackupOrder, MoverProgress, RestoreOrder } from '#core/mover-orders.ts';
import { nativeDecoder } from '#mover/native-codec.ts';
import { createMover } from '#mover/parent.ts';
import { readBack } from '#mover/read-back.ts';
import { packStart } from '#mover/wire.ts';
import { initialiseRepository } from '#repository/initialise.ts';
import { systemClock } from '#service/system-clock.ts';
import { seededRandom } from '#test/support/random.ts';
import { firstDifference } from '#test/support/same-bytes.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { DiskWorker } from '#transport/native/disk-worker.ts';

const MiB = 1024 ** 2;
const capacityBytes = 24 * MiB + 512;
const label = 'scsi0-0';
const archive =
  'demo-app_5000a9a2-0000-4000-8000-000000000001/20260102T030405Z_full_aaaaaaaaaaaaaaaa.tar';

interface Ground extends AsyncDisposable {
  readonly folder: string;
  readonly image: string;
  readonly order: BackupOrder;
  readonly settings: { readonly vddkStateDir: string; readonly workerEnv: Record<string, string> };
  restoreTo(target: string): RestoreOrder;
  leftovers(): Promise<readonly string[]>;
}

/** A repository, and a raw image of noise with a hole in it. */
async function prepare(): Promise<Ground> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await temporaryFolder());
  const root = join(folder, 'repository');
  await mkdir(root);
  await mkdir(join(folder, 'vddk'));
  await initialiseRepository({ root, id: 'repository000001', nowMs: 0 });
  const image = join(folder, 'disk.raw');
  await using file = await open(image, 'w');
  const noise = Buffer.alloc(10 * MiB);
  seededRandom(4).fill(noise);
  await file.write(noise, 0, noise.length, 0);
  await file.write(noise, 0, noise.length, 13 * MiB);
  await file.truncate(capacityBytes);
  const { header } = sampleRestorePoint({ id: 'aaaaaaaaaaaaaaaa', createdAtMs: 1 });
  const repository = { root, repositoryId: 'repository000001' };
  const kept = stack.move();
  return {
    folder,
    image,
    settings: { vddkStateDir: join(folder, 'vddk'), workerEnv: {} },
    order: {
      kind: 'backup',
      repository,
      path: archive,
      header: {
        ...header,
        compression: 'none',
        disks: [{ ...header.disks[0]!, label, capacityBytes }],
      },
      members: [{ name: 'vm/config.json', data: Buffer.from('{}\n') }],
      disks: [
        {
          label,
          access: { kind: 'block', path: image, transport: 'file', capacityBytes },
          extents: wholeDisk(capacityBytes),
          useAllocated: false,
        },
      ],
      compressLevel: 1,
    },
    restoreTo: (target) => ({
      kind: 'restore',
      chain: [{ repository, path: archive }],
      disks: [
        {
          label,
          access: { kind: 'block', path: target, transport: 'file', capacityBytes },
          targetIsZero: false,
        },
      ],
      readBack: 'full',
    }),
    leftovers: async () => {
      const folders = (await readdir(root, { withFileTypes: true })).filter((each) =>
        each.isDirectory(),
      );
      const names = await Promise.all(folders.map(({ name }) => readdir(join(root, name))));
      return names.flat();
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const running = new AbortController().signal;

suite('the mover process', () => {
  test('backs a raw file up and restores it over other data', async () => {
    await using ground = await prepare();
    const mover = createMover({ clock: systemClock, settings: ground.settings });
    const progress: MoverProgress[] = [];
    const result = await mover.run(ground.order, {
      signal: running,
      onProgress: (each) => progress.push(each),
    });
    assert.equal(result.header.disks[0]!.transport, 'file');
    assert.equal(result.readBytes, capacityBytes);
    assert.equal(progress.at(-1)?.doneBytes, capacityBytes);
    assert.deepEqual(await ground.leftovers(), [archive.split('/')[1]]);

    const target = join(ground.folder, 'target.raw');
    await writeFile(target, Buffer.alloc(capacityBytes, 0xee));
    const restored = await mover.run(ground.restoreTo(target), { signal: running });
    assert.equal(await firstDifference(ground.image, target), undefined);
    assert.equal(restored.disks[0]!.provenBytes, capacityBytes);
  });

  test('a disk of another size is refused before anything is written', async () => {
    await using ground = await prepare();
    const mover = createMover({ clock: systemClock, settings: ground.settings });
    const disks = ground.order.disks.map((disk) => ({
      ...disk,
      access: {
        kind: 'block',
        path: ground.image,
        transport: 'file',
        capacityBytes: 512,
      } as const,
    }));
    await assert.rejects(
      mover.run({ ...ground.order, disks }, { signal: running }),
      (error: unknown) => {
        assert.ok(error instanceof ColdframeError);
        assert.equal(error.details['stage'], 'open');
        assert.deepEqual(error.details['labels'], [label]);
        return true;
      },
    );
    assert.deepEqual(await ground.leftovers(), []);
  });

  test('stopping it removes the unfinished archive', async () => {
    await using ground = await prepare();
    const mover = createMover({ clock: systemClock, settings: ground.settings });
    const stop = new AbortController();
    const reason = new ColdframeError('cancelled', 'enough');
    await assert.rejects(
      mover.run(ground.order, {
        signal: stop.signal,
        onProgress: ({ phase }) => {
          if (phase === 'copying') stop.abort(reason);
        },
      }),
      reason,
    );
    assert.deepEqual(await ground.leftovers(), []);
  });

  test('when its parent is gone it stops, tidies and ends', async () => {
    await using ground = await prepare();
    const program = fileURLToPath(new URL('../../../src/mover/main.ts', import.meta.url));
    const child = fork(program, [], { serialization: 'advanced', execArgv: [] });
    const exited = once(child, 'exit');
    child.on('message', (message: { type: string }) => {
      if (message.type === 'progress' && child.connected) child.disconnect();
    });
    child.send(packStart({ order: ground.order, settings: ground.settings }));
    const [code] = (await exited) as [number | null];
    assert.equal(code, 1);
    assert.deepEqual(await ground.leftovers(), []);
  });

  test('an archive that is there already is not overwritten', async () => {
    await using ground = await prepare();
    const file = join(ground.order.repository.root, archive);
    await mkdir(dirname(file));
    await writeFile(file, 'precious');
    const mover = createMover({ clock: systemClock, settings: ground.settings });
    await assert.rejects(mover.run(ground.order, { signal: running }), { code: 'busy' });
    assert.deepEqual(await ground.leftovers(), [archive.split('/')[1]]);
  });
});

suite('reading back', () => {
  test('finds one changed bit, and names the place', async () => {
    await using ground = await prepare();
    const mover = createMover({ clock: systemClock, settings: ground.settings });
    await mover.run(ground.order, { signal: running });
    await using chain = await ArchiveChain.open(
      [join(ground.order.repository.root, archive)],
      nativeDecoder,
    );
    await using worker = await DiskWorker.start();
    const source = await chain.disk(label);
    const prove = async (): Promise<number> => {
      const options = { path: ground.image, readOnly: true, direct: false };
      await using disk = await worker.openBlock(options);
      return await readBack(piecesOf(source), disk, {
        chain: source,
        chunkBytes: MiB,
        how: 'full',
        targetIsZero: false,
        onRead: () => undefined,
        signal: running,
      });
    };
    assert.equal(await prove(), capacityBytes);
    for (const at of [3 * MiB + 77, 11 * MiB + 5, capacityBytes - 1]) {
      await using file = await open(ground.image, 'r+');
      const byte = Buffer.alloc(1);
      await file.read(byte, 0, 1, at);
      await file.write(Buffer.of(byte[0]! ^ 1), 0, 1, at);
      await assert.rejects(prove(), (error: unknown) => {
        assert.ok(error instanceof ColdframeError && error.code === 'digest-mismatch');
        const { offset, length } = error.details as { offset: number; length: number };
        assert.ok(offset <= at && at < offset + length);
        return true;
      });
      await file.write(byte, 0, 1, at);
    }
  });
});
