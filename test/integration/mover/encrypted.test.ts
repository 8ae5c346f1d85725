import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';

import type { RepositoryConfig } from '#core/config.ts';
import type { BackupOrder, BackupResult, SynthesizeOrder } from '#core/mover-orders.ts';
import type { Secret } from '#core/secret.ts';
import { createMover } from '#mover/parent.ts';
import { RepositoryProcesses } from '#mover/repositories.ts';
import { factsPathOf } from '#repository/facts-file.ts';
import { systemClock } from '#service/system-clock.ts';
import { ageDecrypt, ageKey, type AgeKey } from '#test/support/age-program.ts';
import { archive, capacityBytes, moverGround } from '#test/support/mover-ground.ts';
import { firstDifference } from '#test/support/same-bytes.ts';

type Ground = Awaited<ReturnType<typeof moverGround>>;

const { signal } = new AbortController();
const path = `${archive}.zst.age`;

interface Encrypted extends AsyncDisposable {
  readonly ground: Ground;
  readonly key: AgeKey;
  readonly file: string;
  readonly repository: RepositoryConfig;
  readonly made: BackupResult;
  folders(...identities: Secret[]): RepositoryProcesses;
}

/** The ground's image in an encrypted archive. */
async function backUpEncrypted(): Promise<Encrypted> {
  await using stack = new AsyncDisposableStack();
  const ground = stack.use(await moverGround());
  const key = await ageKey(join(ground.folder, 'key'));
  const order: BackupOrder = {
    ...ground.order,
    path,
    header: { ...ground.order.header, compression: 'zstd' },
    encryptTo: [key.recipient],
  };
  const made = await createMover({ clock: systemClock, settings: ground.settings }).run(order, {
    signal,
  });
  const { root, repositoryId: id } = ground.order.repository;
  const kept = stack.move();
  return {
    ground,
    key,
    made,
    file: join(root, path),
    repository: { id, name: 'main', root, addedAtMs: 0 },
    folders: (...identities) =>
      kept.use(
        new RepositoryProcesses({
          clock: systemClock,
          identities: () => Promise.resolve(identities),
        }),
      ),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

suite('an encrypted archive', () => {
  test('is one that age opens, with its facts beside it', async () => {
    await using encrypted = await backUpEncrypted();
    const { key, file, made, ground } = encrypted;
    const names = await readdir(dirname(file));
    assert.deepEqual(
      names.sort(),
      [path, `${path}.facts.json`].map((each) => each.split('/')[1]),
    );
    assert.equal(made.archiveBytes, (await stat(file)).size);
    const plain = join(ground.folder, 'plain.tar.zst');
    await ageDecrypt(file, plain, key.identityFile);
    assert.equal((await readFile(plain)).readUInt32LE(0), 0xfd2fb528);
    const text = await readFile(factsPathOf(file), 'utf8');
    assert.doesNotMatch(text, /config\.xml"?:|AGE-SECRET/);
  });

  test('is listed and removed without its key, and nothing else is', async () => {
    await using encrypted = await backUpEncrypted();
    const { repository, made, file } = encrypted;
    const folders = encrypted.folders();
    const [point] = await folders.list(repository, signal);
    assert.deepEqual(point, {
      header: made.header,
      repositoryId: repository.id,
      path,
      archiveBytes: made.archiveBytes,
      finishedAtMs: made.manifest.finishedAtMs,
      seal: made.seal,
      disks: made.manifest.disks,
    });
    await assert.rejects(folders.readMember(repository, path, 'vm/config.json'), {
      code: 'locked',
    });
    await folders.remove(repository, path);
    assert.deepEqual(await readdir(dirname(file)), []);
  });

  test('its members are read with the key, also when the facts are lost', async () => {
    await using encrypted = await backUpEncrypted();
    const { repository, made, key, file } = encrypted;
    const folders = encrypted.folders(key.identity);
    const member = await folders.readMember(repository, path, 'vm/config.json');
    assert.equal(Buffer.from(member).toString(), '{}\n');
    await rm(factsPathOf(file));
    assert.equal((await folders.read(repository, path, signal)).seal, made.seal);
    await assert.rejects(encrypted.folders().list(repository, signal), { code: 'locked' });
  });

  test('facts that were changed, or an archive that was cut, are refused', async () => {
    await using encrypted = await backUpEncrypted();
    const { repository, file, made } = encrypted;
    const folders = encrypted.folders();
    const good = await readFile(factsPathOf(file), 'utf8');
    for (const [from, to] of [
      ['"demo-app"', '"other"'],
      ['"finishedAtMs"', '"finishedMs"'],
      ['{', '['],
    ] as const) {
      await writeFile(factsPathOf(file), good.replace(from, to));
      await assert.rejects(folders.list(repository, signal), { code: 'archive-damaged' }, from);
    }
    await writeFile(factsPathOf(file), good);
    await truncate(file, made.archiveBytes - 1);
    await assert.rejects(folders.list(repository, signal), { code: 'archive-damaged' });
  });

  test('is restored and verified with its key, and not without', async () => {
    await using encrypted = await backUpEncrypted();
    const { ground, key, file } = encrypted;
    const { settings } = ground;
    const identities = (): Promise<readonly Secret[]> => Promise.resolve([key.identity]);
    const mover = createMover({ clock: systemClock, settings, identities });
    const target = join(ground.folder, 'target.raw');
    await writeFile(target, Buffer.alloc(capacityBytes, 0xee));
    const order = ground.restoreTo(target);
    const chain = order.chain.map((each) => ({ ...each, path }));
    const locked = createMover({ clock: systemClock, settings });
    await assert.rejects(locked.run({ ...order, chain }, { signal }), { code: 'locked' });
    await assert.rejects(locked.run({ kind: 'verify', chain }, { signal }), { code: 'locked' });

    const restored = await mover.run({ ...order, chain }, { signal });
    assert.equal(await firstDifference(ground.image, target), undefined);
    assert.equal(restored.disks[0]!.provenBytes, capacityBytes);
    const good = await mover.run({ kind: 'verify', chain }, { signal });
    assert.deepEqual(good.damage, []);
    assert.equal(good.checkedBytes, capacityBytes);

    const bytes = await readFile(file);
    bytes[5_000_000]! ^= 1;
    await writeFile(file, bytes);
    const found = await mover.run({ kind: 'verify', chain }, { signal });
    assert.ok(found.damage.some(({ ranges }) => ranges.length > 0));
    await assert.rejects(mover.run({ ...order, chain }, { signal }), { code: 'archive-damaged' });
    const left = (await readdir('/dev/shm')).filter((name) => name.startsWith('coldframe-'));
    assert.deepEqual(left, []);
  });

  test('becomes a synthetic full only where that can be proven', async () => {
    await using encrypted = await backUpEncrypted();
    const { ground, key, repository, made } = encrypted;
    const { settings, order } = ground;
    const name = path.replace('_full_aaaaaaaaaaaaaaaa', '_synth_bbbbbbbbbbbbbbbb');
    const synthesis: SynthesizeOrder = {
      kind: 'synthesize',
      chain: [{ repository: order.repository, path }],
      repository: order.repository,
      path: name,
      header: {
        ...made.header,
        id: 'bbbbbbbbbbbbbbbb',
        kind: 'synthetic',
        replaces: { restorePointId: made.header.id, restorePointSeal: made.seal },
      },
      compressLevel: 1,
      encryptTo: [key.recipient],
    };
    const locked = createMover({ clock: systemClock, settings });
    await assert.rejects(locked.run(synthesis, { signal }), {
      code: 'locked',
      message: /could not be proven/,
    });
    const identities = (): Promise<readonly Secret[]> => Promise.resolve([key.identity]);
    const mover = createMover({ clock: systemClock, settings, identities });
    const synthetic = await mover.run(synthesis, { signal });
    assert.ok(synthetic.copiedBytes > 0);
    const points = await encrypted.folders().list(repository, signal);
    assert.deepEqual(
      points.map(({ header, seal }) => [header.kind, seal]),
      [
        ['full', made.seal],
        ['synthetic', synthetic.seal],
      ],
    );
    assert.equal(points[1]!.archiveBytes, synthetic.archiveBytes);
    const target = join(ground.folder, 'target.raw');
    await writeFile(target, Buffer.alloc(capacityBytes, 0xee));
    const chain = [{ repository: order.repository, path: name }];
    await mover.run({ ...ground.restoreTo(target), chain }, { signal });
    assert.equal(await firstDifference(ground.image, target), undefined);
  });
});
