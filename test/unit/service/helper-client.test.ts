import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { it } from 'node:test';

import { answer } from '#appliance/helper/answer.ts';
import { createHelper } from '#service/helper-client.ts';
import { createNfsMounts } from '#service/operations/nfs-mounts.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { testClock } from '#test/support/test-clock.ts';
import { testWorld } from '#test/unit/appliance/helper/world.ts';
import { writeFile } from 'node:fs/promises';

/** What systemd does for the helper: a socket, each connection served once. */
async function listening(
  path: string,
  serve: (line: string, socket: Socket) => Promise<void>,
): Promise<AsyncDisposable> {
  const server = createServer((socket) => {
    socket.once('data', (chunk) => void serve(chunk.toString(), socket));
  });
  server.listen(path);
  await once(server, 'listening');
  return server;
}

it('asks the helper and hands its answers and errors on', async () => {
  await using dir = await temporaryFolder();
  const world = testWorld(dir.path);
  const path = join(dir.path, 'helper.sock');
  await using _ = await listening(path, async (line, socket) => {
    socket.end(await answer(line, world));
  });
  const helper = createHelper(path);
  assert.deepEqual(await helper.ask('power', { action: 'off' }), { applied: true });
  assert.deepEqual(world.commands, ['systemctl --no-block poweroff']);
  await assert.rejects(helper.ask('unmount-nfs', { mountPoint: '/etc' }), {
    name: 'ColdframeError',
    code: 'invalid-input',
  });
});

it('says that the helper is missing, or that it died', async () => {
  await using dir = await temporaryFolder();
  const path = join(dir.path, 'helper.sock');
  const helper = createHelper(path);
  await assert.rejects(helper.ask('power', { action: 'off' }), { code: 'not-eligible' });
  await using _ = await listening(path, async (_line, socket) => void socket.end());
  await assert.rejects(helper.ask('power', { action: 'off' }), { code: 'process-died' });
});

it('stops waiting when told to', async () => {
  await using dir = await temporaryFolder();
  const path = join(dir.path, 'helper.sock');
  const held = Promise.withResolvers<Socket>();
  await using _ = await listening(path, async (_line, socket) => held.resolve(socket));
  const enough = new AbortController();
  const asked = createHelper(path).ask('power', { action: 'off' }, enough.signal);
  (await held.promise).on('error', () => undefined);
  enough.abort(new Error('enough'));
  await assert.rejects(asked, /enough/);
  (await held.promise).destroy();
});

it('mounts what is not mounted, once for all who ask, and pauses after a refusal', async () => {
  await using dir = await temporaryFolder();
  const mountInfo = join(dir.path, 'mountinfo');
  await writeFile(mountInfo, '36 35 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n');
  const clock = testClock();
  let asked = 0;
  let outcome: Error | undefined = new Error('no answer');
  const mounts = createNfsMounts({
    clock,
    mountInfo,
    helper: {
      ask: async () => {
        asked++;
        await new Promise((resolve) => setImmediate(resolve));
        if (outcome !== undefined) throw outcome;
        return { mounted: true, already: false } as never;
      },
    },
  });
  const nfs = { server: 'nas', path: '/backup', version: '4.1' } as const;
  const repository = { id: 'r', name: 'nas', root: '/srv/nas', nfs, addedAtMs: 0 };
  const { nfs: _nfs, ...local } = repository;
  await mounts.ensure(local);
  assert.equal(asked, 0);
  const both = await Promise.allSettled([mounts.ensure(repository), mounts.ensure(repository)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(asked, 1);
  await assert.rejects(mounts.ensure(repository), /no answer The next attempt follows/);
  assert.equal(asked, 1);
  outcome = undefined;
  await clock.sleep(31_000);
  await mounts.ensure(repository);
  assert.equal(asked, 2);
  await writeFile(mountInfo, '36 35 0:50 / /srv/nas rw shared:9 - nfs4 nas:/backup rw\n');
  await mounts.ensure(repository);
  assert.equal(asked, 2);
});
