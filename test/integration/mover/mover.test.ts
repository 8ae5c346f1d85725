import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ArchiveChain } from '#archive/chain.ts';
import { piecesOf } from '#archive/chain-image.ts';
import { ColdframeError } from '#core/error.ts';
import type { MoverProgress } from '#core/mover-orders.ts';
import { nativeDecoder } from '#mover/native-codec.ts';
import { createMover } from '#mover/parent.ts';
import { readBack } from '#mover/read-back.ts';
import { packStart } from '#mover/wire.ts';
import { systemClock } from '#service/system-clock.ts';
import { archive, capacityBytes, label, moverGround } from '#test/support/mover-ground.ts';
import { firstDifference } from '#test/support/same-bytes.ts';
import { DiskWorker } from '#transport/native/disk-worker.ts';

const MiB = 1024 ** 2;
const running = new AbortController().signal;

suite('the mover process', () => {
  test('backs a raw file up and restores it over other data', async () => {
    await using ground = await moverGround();
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
    await using ground = await moverGround();
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
    await using ground = await moverGround();
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
    await using ground = await moverGround();
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
    await using ground = await moverGround();
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
    await using ground = await moverGround();
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
