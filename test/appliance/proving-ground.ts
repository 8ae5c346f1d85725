import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareFiles } from '#test/demo/compare.ts';
import { startLab, type Lab } from '#test/lab/lab.ts';
import { demoScenario, type Scenario } from '#test/lab/scenario.ts';
import { setUpThroughPages } from '#test/support/page-steps.ts';
import { Admin } from './admin.ts';
import { deploy, type Deployment } from './deploy.ts';
import { MachinePlug } from './machine-plug.ts';
import { Machine } from './machine.ts';

export const mib = 2 ** 20;
export const password = 'seven grey geese';
/** The VM to protect, its number of disks and their bytes. */
export const source = { name: 'demo-app', disks: 2, bytes: 64 * mib };
export const repositoryRoot = '/var/lib/coldframe/repository';
const uuid = '564d0c0f-1b2a-4c3d-8e4f-a1b2c3d4e5f6';
/** Four times what an idle machine of two cores needs. */
const bootLimitMs = 6 * 60_000;

/** The lab's vCenter on the host, and the OVA in a machine that is one of its VMs. */
export class ProvingGround implements AsyncDisposable {
  readonly folder: string;
  readonly lab: Lab;
  readonly plug: MachinePlug;
  readonly #deployment: Deployment;
  #machine: Machine | undefined;
  #admin: Admin | undefined;
  #owned: AsyncDisposable | undefined;

  private constructor(
    folder: string,
    parts: { readonly lab: Lab; readonly plug: MachinePlug; readonly deployment: Deployment },
  ) {
    this.folder = folder;
    this.lab = parts.lab;
    this.plug = parts.plug;
    this.#deployment = parts.deployment;
  }

  /** Deployed and booted, its page signed in to; `properties` are given at deployment besides the usual ones. */
  static async open(properties: Readonly<Record<string, string>> = {}): Promise<ProvingGround> {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'coldframe-mission-'));
    stack.defer(() => rm(folder, { recursive: true }));
    const plug = new MachinePlug();
    const options = { scenario: scenario(), capture: true, plug: plug.into };
    const lab = stack.use(await startLab({ dir: join(folder, 'lab'), ...options }));
    const deployment = await deploy(folder, {
      hostname: 'bkp1.example',
      ip0: '10.0.2.15/24',
      gateway: '10.0.2.2',
      admin_password: password,
      ...properties,
    });
    for (const [index, name] of ['system', 'data'].entries())
      await copyFile(deployment.imported[index]!, join(folder, `${name}.qcow2`));
    const ground = new ProvingGround(folder, { lab, plug, deployment });
    stack.defer(() => ground.pullThePlug());
    await ground.powerOn('first');
    ground.#owned = stack.move();
    return ground;
  }

  get vm(): Machine {
    return this.#machine ?? assert.fail('no machine is running');
  }

  get admin(): Admin {
    return this.#admin ?? assert.fail('nobody is signed in');
  }

  async powerOn(name: string): Promise<void> {
    const started = performance.now();
    this.#machine = await Machine.start({
      folder: this.folder,
      name,
      disks: ['system', 'data'].map((disk) => join(this.folder, `${disk}.qcow2`)),
      sshKey: this.#deployment.sshKey,
      iso: this.#deployment.iso,
      uuid,
      beforePowerOn: (qmp) => this.plug.powerOn(qmp),
    });
    assert.deepEqual(await this.vm.booted(bootLimitMs), []);
    console.log(`# ${name}: up after ${Math.round((performance.now() - started) / 1000)} s`);
    await this.signIn();
  }

  async signIn(): Promise<void> {
    this.#admin = await Admin.signedIn(this.vm.pagePort, password);
  }

  async pullThePlug(): Promise<void> {
    this.plug.powerOff();
    await this.#machine?.[Symbol.asyncDispose]();
    this.#machine = undefined;
  }

  /** Endpoint and a repository on the data disk, through the page. */
  async setUp(): Promise<void> {
    await this.vm.shell(`sudo -u coldframe mkdir ${repositoryRoot}`);
    const { address, user, password: secret, thumbprintSha256 } = this.lab;
    // The host as a machine of QEMU's user network sees it.
    const seen = address.replace('127.0.0.1', '10.0.2.2');
    const lab = { address: seen, user, password: secret, thumbprintSha256 };
    await setUpThroughPages({ lab, repositoryRoot }, this.admin.client);
  }

  /** Everything that a task made outside the repository is undone, on both sides. */
  async nothingLeft(): Promise<void> {
    const { vms, attachments, violations } = await this.lab.state();
    const snapshots = vms.flatMap((vm) => vm.snapshots);
    assert.deepEqual([...snapshots, ...attachments, ...violations], []);
    assert.equal(this.plug.present, 0, 'disks in the machine');
    // By what they are to the appliance: names change with every boot.
    const roles = await this.vm.shell(
      'for disk in /sys/block/sd*; do /usr/lib/coldframe/disk-role ${disk##*/}; done | sort | xargs',
    );
    assert.equal(roles, 'data system');
    const health = await this.admin.client.get('/health');
    assert.match(health.body, /Nothing of ours is left on any endpoint/);
  }

  /** What the n-th snapshot froze, from 0; negative counts from the last. */
  async captureOf(index: number): Promise<string> {
    const names = (await readdir(this.lab.captureDir)).toSorted((a, b) =>
      a.localeCompare(b, 'en', { numeric: true }),
    );
    const name = names.at(index) ?? assert.fail(`no snapshot ${index}: ${names.join()}`);
    return join(this.lab.captureDir, name);
  }

  /** Restores to a new VM, compares every byte on the host with what was frozen, and removes the VM. */
  async proveRestore(point: string, capture: string): Promise<string> {
    const name = `restored-${this.plug.plugged}`;
    const run = await this.admin.restoreToNewVm(point, name);
    assert.match(run.body, /state good">done/, run.body);
    assert.match(run.body, />hotadd</);
    const { vms } = await this.lab.state();
    const [restored, original] = [name, source.name].map((each) =>
      vms.find((vm) => vm.name === each),
    );
    assert.equal(restored?.disks.length, source.disks);
    let bytes = 0;
    for (const [index, { key }] of restored?.disks.entries() ?? []) {
      const copy = join(this.folder, `${name}-${key}.raw`);
      await this.lab.copyDisk({ vm: name, key, to: copy });
      bytes += await compareFiles(copy, join(capture, `${original?.disks[index]?.key}.raw`));
      await rm(copy);
    }
    assert.equal(bytes, source.bytes);
    await this.lab.removeVm({ vm: name });
    return `${bytes} bytes restored and compared; ${took(run.body)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned?.[Symbol.asyncDispose]();
  }
}

/** What a run's page says about how long it took. */
export function took(body: string): string {
  const [, text = '?'] = /<dt>Took<\/dt><dd>(.*?)<\/dd>/s.exec(body) ?? [];
  return `run took ${text.replaceAll(/<[^>]+>/g, '').trim()}`;
}

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
