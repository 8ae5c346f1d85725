import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareFiles } from '#test/demo/compare.ts';
import { openBrowser, openPage } from '#test/e2e/web/browser.ts';
import { startLab, type Lab } from '#test/lab/lab.ts';
import { demoScenario, type Scenario } from '#test/lab/scenario.ts';
import { backUpThroughPage, setUpThroughPages } from '#test/support/page-steps.ts';
import { Admin, pointOf } from './admin.ts';
import { deploy, ovaFile, type Deployment } from './deploy.ts';
import { MachinePlug } from './machine-plug.ts';
import { Machine } from './machine.ts';
import { NfsServer } from './nfs-server.ts';
import { until } from './until.ts';

const mib = 2 ** 20;
const password = 'seven grey geese';
const uuid = '564d0c0f-1b2a-4c3d-8e4f-a1b2c3d4e5f6';
const repositoryRoot = '/var/lib/coldframe/repository';
/** Four times what an idle machine of two cores needs. */
const bootLimitMs = 6 * 60_000;
const diskCount = 2;
/** The service's user in the appliance, also what it is to an NFS server. */
const coldframeUser = 900;

/** The lab's site with our machine as the VM that the product runs in. */
function scenario(): Scenario {
  const sizes = { systemBytes: 48 * mib, dataBytes: 16 * mib, files: undefined };
  const site = demoScenario(sizes);
  const vms = site.vms.map((vm) => {
    const own = [0, 1].map((unit) => ({ sizeBytes: 8 * mib, controller: 'pvscsi' as const, unit }));
    return vm.name === site.appliance ? { ...vm, uuid, disks: own } : vm;
  });
  return { ...site, vms };
}

describe('scheduled HotAdd backups by the appliance in a machine', { timeout: 40 * 60_000 }, () => {
  const plug = new MachinePlug();
  let folder = '';
  let deployment: Deployment;
  let lab: Lab;
  let machine: Machine | undefined;
  let admin: Admin;
  let job = '';
  /** What the newest restore point must hold, and its page. */
  let incremental = { point: '', capture: '' };
  const vm = (): Machine => machine ?? assert.fail('no machine is running');
  const disk = (name: string): string => join(folder, `${name}.qcow2`);
  /** What the guest's kernel has; names change with every boot. */
  const diskRoles = (): Promise<string> =>
    vm().shell(
      'for disk in /sys/block/sd*; do /usr/lib/coldframe/disk-role ${disk##*/}; done | sort | xargs',
    );

  async function powerOn(name: string): Promise<void> {
    const started = performance.now();
    machine = await Machine.start({
      folder,
      name,
      disks: [disk('system'), disk('data')],
      sshKey: deployment.sshKey,
      iso: deployment.iso,
      uuid,
      beforePowerOn: (qmp) => plug.powerOn(qmp),
    });
    assert.deepEqual(await vm().booted(bootLimitMs), []);
    console.log(`# ${name}: up after ${Math.round((performance.now() - started) / 1000)} s`);
    admin = await Admin.signedIn(vm().pagePort, password);
  }

  async function pullThePlug(): Promise<void> {
    plug.powerOff();
    await machine?.[Symbol.asyncDispose]();
    machine = undefined;
  }

  /** Everything that a task made outside the repository is undone, on both sides. */
  async function nothingLeft(): Promise<void> {
    const { vms, attachments, violations } = await lab.state();
    assert.deepEqual(
      vms.flatMap(({ snapshots }) => snapshots),
      [],
    );
    assert.deepEqual(attachments, []);
    assert.deepEqual(violations, []);
    assert.equal(plug.present, 0, 'disks in the machine');
    assert.equal(await diskRoles(), 'data system');
    const health = await admin.client.get('/health');
    assert.match(health.body, /Nothing of ours is left on any endpoint/);
  }

  /** What the n-th snapshot froze, from 0; negative counts from the last. */
  async function captureOf(index: number): Promise<string> {
    const names = (await readdir(lab.captureDir)).toSorted((a, b) =>
      a.localeCompare(b, 'en', { numeric: true }),
    );
    return join(
      lab.captureDir,
      names.at(index) ?? assert.fail(`no snapshot ${index}: ${names.join()}`),
    );
  }

  async function compareWith(name: string, capture: string): Promise<number> {
    const restored = (await lab.state()).vms.find((each) => each.name === name);
    const source = (await lab.state()).vms.find((each) => each.name === 'demo-app');
    assert.equal(restored?.disks.length, diskCount);
    let bytes = 0;
    for (const [index, { key }] of restored?.disks.entries() ?? []) {
      const copy = join(folder, `${name}-${key}.raw`);
      await lab.copyDisk({ vm: name, key, to: copy });
      bytes += await compareFiles(copy, join(capture, `${source?.disks[index]?.key}.raw`));
    }
    return bytes;
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coldframe-mission-'));
    lab = await startLab({
      dir: join(folder, 'lab'),
      scenario: scenario(),
      capture: true,
      plug: plug.into,
    });
    deployment = await deploy(folder, {
      hostname: 'bkp1.example',
      ip0: '10.0.2.15/24',
      gateway: '10.0.2.2',
      admin_password: password,
    });
    for (const [index, name] of ['system', 'data'].entries())
      await copyFile(deployment.imported[index]!, disk(name));
    await powerOn('first');
    await vm().shell(`sudo -u coldframe mkdir ${repositoryRoot}`);
  });
  afterEach(async (context) => {
    if (!('passed' in context) || context.passed) return;
    const log = await vm().shell('sudo journalctl -b -n 60 -o cat -u coldframe.service');
    console.log(log.replaceAll(/^/gm, '# '));
  });
  after(async () => {
    await pullThePlug();
    await lab?.[Symbol.asyncDispose]();
    if (folder !== '') await rm(folder, { recursive: true });
  });

  test('it is set up through its page: endpoint, repository, a job for every minute', async () => {
    const { address, user, thumbprintSha256 } = lab;
    const seen = {
      address: address.replace('127.0.0.1', '10.0.2.2'),
      user,
      password: lab.password,
      thumbprintSha256,
    };
    await setUpThroughPages({ lab: seen, repositoryRoot }, admin.client);
    await lab.startGuestWriter({ vm: 'demo-app', bytesPerSecond: 64 * 1024, seed: 42 });
    job = await admin.makeJob({ name: 'Every minute', cron: '* * * * *' });
    const page = await admin.client.get(job);
    assert.match(page.body, /this appliance itself/);
    assert.match(page.body, /1 VM if it ran now/);
  });

  test('the schedule backs the busy VM up by HotAdd: a full, then an incremental', async () => {
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
    const { writtenBytes } = await lab.stopGuestWriter({ vm: 'demo-app' });
    console.log(`# the guest wrote ${writtenBytes} bytes meanwhile`);
    console.log(`# ${facts(full.body)}; then ${facts(second.body)}`);
    incremental = { point: pointOf(second), capture: await captureOf(1) };
    const kernel = await vm().shell("sudo journalctl -k -b -o cat | grep 'Attached SCSI disk'");
    assert.equal(kernel.split('\n').length, diskCount + plug.plugged, kernel);
    await nothingLeft();
  });

  test('a browser shows the run', async () => {
    await using browser = await openBrowser();
    const page = await openPage(browser, {
      baseURL: `https://127.0.0.1:${vm().pagePort}`,
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
    const run = await admin.restoreToNewVm(incremental.point, 'demo-app-restored');
    assert.match(run.body, /state good">done/, run.body);
    assert.match(run.body, />hotadd</);
    const bytes = await compareWith('demo-app-restored', incremental.capture);
    assert.equal(bytes, 64 * mib);
    console.log(`# restored and compared: ${bytes} bytes; ${facts(run.body)}`);
    await nothingLeft();
    await lab.removeVm({ vm: 'demo-app-restored' });
  });

  test('after a power cut in the middle of a backup it cleans up, and the next backup is good', async () => {
    const [first] = (await lab.state()).vms.find(({ name }) => name === 'demo-app')?.disks ?? [];
    const change = { vm: 'demo-app', key: first?.key ?? 0, offset: 8 * mib };
    await lab.writeGuest({ ...change, seed: 9, length: 24 * mib });
    plug.readBytesPerSecond = 512 * 1024;
    const cut = (await admin.client.post(`${job}/run`)).path;
    const partial = `sudo find ${repositoryRoot} -name '*.partial' -size +1M`;
    await until('a backup in the middle of reading', 4 * 60_000, async () => {
      const page = await admin.client.get(cut);
      assert.match(page.body, /data-live/, page.body);
      return (await vm().shell(partial)) === '' ? undefined : true;
    });
    assert.equal(plug.present, diskCount);
    await pullThePlug();
    assert.equal((await lab.state()).attachments.length, diskCount, 'still attached');
    await sleep(1000);

    plug.readBytesPerSecond = undefined;
    await powerOn('again');
    await until('nothing left', 5 * 60_000, async () => {
      await nothingLeft();
      return true;
    });
    const page = await admin.client.get(cut);
    assert.match(page.body, /state bad">interrupted/);
    assert.equal(await vm().shell(`sudo find ${repositoryRoot} -name '*.partial'`), '');

    const next = await admin.ended((await admin.client.post(`${job}/run`)).path);
    assert.match(next.body, /state good">done/, next.body);
    assert.match(next.body, /changed blocks since/);
    const restored = await admin.restoreToNewVm(pointOf(next), 'demo-app-again');
    assert.match(restored.body, /state good">done/, restored.body);
    const bytes = await compareWith('demo-app-again', await captureOf(-1));
    console.log(`# after the power cut: ${facts(next.body)}; ${bytes} bytes compared`);
    await nothingLeft();
  });

  test('disks that no event announces are found by a rescan', async () => {
    // Idle connections end first: the saved state must not hold any.
    await sleep(10_000);
    for (const command of ['savevm idle', 'loadvm idle'])
      assert.equal(await vm().monitor(command), '');
    // From now on QEMU's controllers tell their driver nothing of new disks.
    admin = await until('the page', 60_000, () => Admin.signedIn(vm().pagePort, password));
    const run = await admin.ended((await admin.client.post(`${job}/run`)).path);
    assert.match(run.body, /state good">done/, run.body);
    console.log(`# without events: ${facts(run.body)}`);
    await nothingLeft();
  });

  test('a repository on an NFS server that stalls: the page answers, the backup goes on', async () => {
    const work = await mkdtemp(join(folder, 'nfs-'));
    await using server = await NfsServer.start(work, coldframeUser);
    const where = `vers=4.1,hard,proto=tcp,port=${server.port} 10.0.2.2:/export /srv/backup`;
    await vm().shell(`sudo mkdir -p /srv/backup && sudo mount -t nfs -o ${where}`, 180_000);
    const added = await admin.client.post('/repositories', { name: 'nas', root: '/srv/backup' });
    assert.equal(added.status, 200, added.body);

    plug.readBytesPerSecond = mib;
    const path = await backUpThroughPage(admin.client, 'demo-app', 'nas');
    await until('an archive that grows on the server', 4 * 60_000, async () => {
      const names = await readdir(server.folder, { recursive: true });
      const partial = names.find((name) => name.endsWith('.partial'));
      if (partial === undefined) return undefined;
      return (await stat(join(server.folder, partial))).size > mib ? true : undefined;
    });
    server.stall();
    // Longer than a client waits before it asks again, and than anybody would wait for a page.
    const end = performance.now() + 90_000;
    let answers = 0;
    while (performance.now() < end) {
      for (const page of ['/', '/runs', path, '/repositories', '/health']) {
        const answer = await admin.client.get(page);
        assert.equal(answer.status, 200, answer.body);
        answers++;
      }
      assert.match((await admin.client.get(path)).body, /data-live/);
      await sleep(2000);
    }
    server.goOn();
    const run = await admin.ended(path);
    assert.match(run.body, /state good">done/, run.body);
    assert.match(run.body, />hotadd</);
    console.log(`# NFS: ${answers} pages during a stall of 90 s; ${facts(run.body)}`);
    plug.readBytesPerSecond = undefined;

    const restored = await admin.restoreToNewVm(pointOf(run), 'demo-app-nfs');
    assert.match(restored.body, /state good">done/, restored.body);
    const bytes = await compareWith('demo-app-nfs', await captureOf(-1));
    console.log(`# from NFS: ${bytes} bytes compared`);
    await nothingLeft();
    await vm().shell('sudo umount /srv/backup', 120_000);
  });
});

/** What the page says about how long a run took. */
function facts(body: string): string {
  const [, took = '?'] = /<dt>Took<\/dt><dd>(.*?)<\/dd>/s.exec(body) ?? [];
  return `run took ${took.replaceAll(/<[^>]+>/g, '').trim()}`;
}
