import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBrowser, openPage } from '#test/e2e/web/browser.ts';
import { pointOf } from './admin.ts';
import { ovaFile } from './deploy.ts';
import { showLogOfFailure } from './failure-log.ts';
import { mib, password, ProvingGround, repositoryRoot, source, took } from './proving-ground.ts';
import { until } from './until.ts';

describe('scheduled HotAdd backups by the appliance in a machine', { timeout: 40 * 60_000 }, () => {
  let ground: ProvingGround;
  let job = '';
  let incremental = { point: '', capture: '' };
  before(async () => {
    ground = await ProvingGround.open();
  });
  afterEach((context) => showLogOfFailure(context, ground));
  after(() => ground?.[Symbol.asyncDispose]());

  test('it is set up through its page: endpoint, repository, a job for every minute', async () => {
    const { admin, lab } = ground;
    await ground.setUp();
    await lab.startGuestWriter({ vm: source.name, bytesPerSecond: 64 * 1024, seed: 42 });
    job = await admin.makeJob({ name: 'Every minute', cron: '* * * * *' });
    const page = await admin.client.get(job);
    assert.match(page.body, /this appliance itself/);
    assert.match(page.body, /1 VM if it ran now/);
  });

  test('the schedule backs the busy VM up by HotAdd: a full, then an incremental', async () => {
    const { admin, lab, plug, vm } = ground;
    const full = await admin.endedRun(0);
    assert.match(full.body, /state good">done/, full.body);
    assert.match(full.body, /first backup of this VM to this repository/);
    const second = await admin.endedRun(1);
    assert.match(second.body, /state good">done/, second.body);
    assert.match(second.body, /changed blocks since/);
    for (const { body } of [full, second]) {
      assert.match(body, />hotadd</);
      assert.match(body, /not hotadd-vddk: no VDDK is installed/);
    }
    await admin.client.post(`${job}/pause`);
    for (const path of await admin.runs()) await admin.ended(path);
    const { writtenBytes } = await lab.stopGuestWriter({ vm: source.name });
    console.log(`# the guest wrote ${writtenBytes} bytes meanwhile`);
    console.log(`# full: ${took(full.body)}; incremental: ${took(second.body)}`);
    incremental = { point: pointOf(second), capture: await ground.captureOf(1) };
    const kernel = await vm.shell("sudo journalctl -k -b -o cat | grep 'Attached SCSI disk'");
    const own = 2;
    assert.equal(kernel.split('\n').length, own + plug.plugged, kernel);
    await ground.nothingLeft();
  });

  test('a browser shows the run', async () => {
    const { admin, vm } = ground;
    await using browser = await openBrowser();
    const page = await openPage(browser, {
      baseURL: `https://127.0.0.1:${vm.pagePort}`,
      viewport: { width: 1366, height: 800 },
    });
    await page.goto('/login');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL((url) => url.pathname === '/');
    await page.goto((await admin.runs())[1] ?? '');
    await page.getByText('changed blocks since').first().waitFor();
    const picture = join(dirname(ovaFile()), 'run.png');
    await page.screenshot({ path: picture, fullPage: true });
  });

  test('the incremental is restored by HotAdd to a new VM, bit by bit', async () => {
    const { point, capture } = incremental;
    console.log(`# ${await ground.proveRestore(point, capture)}`);
    await ground.nothingLeft();
  });

  test('after a power cut in the middle of a backup it cleans up, and the next backup is good', async () => {
    const { lab, plug } = ground;
    const [first] = (await lab.state()).vms.find(({ name }) => name === source.name)?.disks ?? [];
    const change = { vm: source.name, key: first?.key ?? 0, offset: 8 * mib };
    await lab.writeGuest({ ...change, seed: 9, length: 24 * mib });
    plug.readBytesPerSecond = mib / 2;
    const cut = (await ground.admin.client.post(`${job}/run`)).path;
    const partials = (size: string) =>
      ground.vm.shell(`sudo find ${repositoryRoot} -name '*.partial' ${size}`);
    await until('a backup in the middle of reading', 4 * 60_000, async () => {
      const page = await ground.admin.client.get(cut);
      assert.match(page.body, /data-live/, page.body);
      return (await partials('-size +1M')) === '' ? undefined : true;
    });
    assert.equal(plug.present, source.disks);
    await ground.pullThePlug();
    assert.equal((await lab.state()).attachments.length, source.disks, 'still attached');

    plug.readBytesPerSecond = undefined;
    await ground.powerOn('again');
    await until('nothing left', 5 * 60_000, async () => {
      await ground.nothingLeft();
      return true;
    });
    const page = await ground.admin.client.get(cut);
    assert.match(page.body, /state bad">interrupted/);
    assert.equal(await partials(''), '');

    const next = await ground.admin.ended((await ground.admin.client.post(`${job}/run`)).path);
    assert.match(next.body, /state good">done/, next.body);
    assert.match(next.body, /changed blocks since/);
    const restored = await ground.proveRestore(pointOf(next), await ground.captureOf(-1));
    console.log(`# after the power cut: ${took(next.body)}; ${restored}`);
    await ground.nothingLeft();
  });

  test('disks that no event announces are found by a rescan', async () => {
    // Idle connections end first: the saved state must not hold any.
    await sleep(10_000);
    for (const command of ['savevm idle', 'loadvm idle'])
      assert.equal(await ground.vm.monitor(command), '');
    // From now on QEMU's controllers tell their driver nothing of new disks.
    await until('the page', 60_000, () => ground.signIn().then(() => true));
    const { admin } = ground;
    const run = await admin.ended((await admin.client.post(`${job}/run`)).path);
    assert.match(run.body, /state good">done/, run.body);
    console.log(`# without events: ${took(run.body)}`);
    await ground.nothingLeft();
  });
});
