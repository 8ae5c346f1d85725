import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import { openSink, sinkOn } from '#transport/native/sink.ts';

import { dice, mixedBytes, temporaryFolder } from './disk-fixture.ts';

test('writes and holes of all sizes arrive in order, in both modes', async () => {
  await using folder = await temporaryFolder();
  for (const mode of ['plain', 'direct'] as const) {
    const roll = dice(mode.length);
    const bytes = mixedBytes(6_000_000, 8);
    const path = join(folder.path, mode);
    const expected: Buffer[] = [];
    await using sink = openSink(path, { mode });
    const done: Promise<void>[] = [];
    for (let at = 0; at < bytes.length;) {
      const data = bytes.subarray(at, at + 1 + roll(400_000));
      const cut = roll(data.length + 1);
      done.push(sink.writev([data.subarray(0, cut), data.subarray(cut)]));
      expected.push(data);
      at += data.length;
      if (roll(3) === 0) {
        const length = roll(200_000);
        done.push(sink.hole(length));
        expected.push(Buffer.alloc(length));
      }
      if (roll(9) === 0) done.push(sink.sync());
    }
    done.push(sink.hole(70_000), sink.sync());
    expected.push(Buffer.alloc(70_000));
    await Promise.all(done);
    const whole = Buffer.concat(expected);
    assert.equal(sink.position, whole.length);
    await sink.close();
    await sink.close();
    assert.ok((await readFile(path)).equals(whole));
    await assert.rejects(sink.writev([bytes]), ColdframeError);
  }
});

test('holes take no space', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'file');
  const sink = openSink(path);
  await sink.writev([Buffer.from('start')]);
  await sink.hole(10 * 1024 ** 4);
  await sink.close();
  const { size, blocks } = await stat(path);
  assert.equal(size, 5 + 10 * 1024 ** 4);
  assert.ok(blocks * 512 < 1024 * 1024);
});

test('a full disk is no-space, for the write and all that follows', async () => {
  const sink = sinkOn(openSync('/dev/full', 'w'), '/dev/full', { rolling: false });
  const calls = [sink.writev([Buffer.alloc(10)]), sink.writev([Buffer.alloc(10)]), sink.sync()];
  for (const result of await Promise.allSettled(calls)) {
    assert.equal(result.status, 'rejected');
    assert.ok(result.reason instanceof ColdframeError);
    assert.equal(result.reason.code, 'no-space');
    assert.match(result.reason.message, /\/dev\/full/);
  }
  await assert.rejects(sink.close());
});

test('an existing file is not overwritten', async () => {
  await using folder = await temporaryFolder();
  const path = await folder.file('file', Buffer.from('precious'));
  assert.throws(() => openSink(path), ColdframeError);
  assert.equal(await readFile(path, 'utf8'), 'precious');
});
