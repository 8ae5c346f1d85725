import assert from 'node:assert/strict';
import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { backUpThroughPage } from '#test/support/page-steps.ts';
import { pointOf } from './admin.ts';
import { showLogOfFailure } from './failure-log.ts';
import { NfsServer } from './nfs-server.ts';
import { mib, ProvingGround, source, took } from './proving-ground.ts';
import { until } from './until.ts';

/** The service's user in the appliance, and what it is to the server. */
const coldframeUser = 900;
const stallMs = 150_000;

describe('a repository on an NFS server', { timeout: 30 * 60_000 }, () => {
  let ground: ProvingGround;
  let server: NfsServer;
  before(async () => {
    ground = await ProvingGround.open();
    server = await NfsServer.start(await mkdtemp(join(ground.folder, 'nfs-')), coldframeUser);
    await ground.setUp();
  });
  afterEach((context) => showLogOfFailure(context, ground));
  after(async () => {
    // The machine first: it would wait for its server for ever.
    await ground?.pullThePlug();
    await server?.[Symbol.asyncDispose]();
    await ground?.[Symbol.asyncDispose]();
  });

  test('mounted by hand it takes a HotAdd backup, which is restored bit by bit', async () => {
    const { admin, vm } = ground;
    const options = `vers=4.1,hard,proto=tcp,port=${server.port}`;
    const mount = `sudo mount -t nfs -o ${options} 10.0.2.2:/export /srv/backup`;
    await vm.shell(`sudo mkdir -p /srv/backup && ${mount}`, 180_000);
    await vm.shell('sudo -u coldframe mkdir /srv/backup/one /srv/backup/two');
    for (const name of ['one', 'two']) {
      const added = await admin.client.post('/repositories', { name, root: `/srv/backup/${name}` });
      assert.equal(added.status, 200, added.body);
    }

    const run = await admin.ended(await backUpThroughPage(admin.client, source.name, 'one'));
    assert.match(run.body, /state good">done/, run.body);
    assert.match(run.body, />hotadd</);
    const [archive] = (await files()).filter((name) => name.endsWith('.tar.zst'));
    assert.notEqual(archive, undefined, 'the archive is not on the server');
    const restored = await ground.proveRestore(pointOf(run), await ground.captureOf(-1));
    console.log(`# ${took(run.body)}; ${restored}`);
    await ground.nothingLeft();
  });

  test(
    'the server stalls in the middle: the page answers, the backup goes on',
    { todo: 'the service itself looks at repositories, and waits with all of its threads' },
    async () => {
      const { admin, plug } = ground;
      plug.readBytesPerSecond = mib;
      const path = await backUpThroughPage(admin.client, source.name, 'two');
      await until('an archive that grows on the server', 4 * 60_000, async () => {
        const partial = (await files()).find((name) => name.endsWith('.partial'));
        if (partial === undefined) return undefined;
        return (await stat(join(server.folder, partial))).size > mib ? true : undefined;
      });
      server.stall();
      try {
        const end = performance.now() + stallMs;
        while (performance.now() < end) {
          for (const page of ['/', '/runs', path, '/repositories', '/health'])
            assert.equal((await admin.client.get(page)).status, 200, page);
          assert.match((await admin.client.get(path)).body, /data-live/);
          await sleep(2000);
        }
      } finally {
        server.goOn();
      }
      const run = await admin.ended(path);
      assert.match(run.body, /state good">done/, run.body);
      await ground.nothingLeft();
    },
  );

  function files(): Promise<string[]> {
    return readdir(server.folder, { recursive: true });
  }
});
