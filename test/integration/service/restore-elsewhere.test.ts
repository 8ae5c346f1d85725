import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { RunView } from '#core/api.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { RestorePlan } from '#engine/requests.ts';
import { startLab, type Lab } from '#test/lab/lab.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';
import { firstDifference } from '#test/support/same-bytes.ts';

import { leftovers, openBench } from './bench.ts';
import { openPrograms } from './programs.ts';

const vddkDir = fileURLToPath(new URL('../../../native/build/Release/lab', import.meta.url));

/** Compares the VM's disks with what the first snapshot of `from` froze. */
async function assertSame(
  lab: Lab,
  { vm, from, folder }: { readonly vm: string; readonly from: Lab; readonly folder: string },
): Promise<void> {
  const [capture] = (await readdir(from.captureDir)).toSorted();
  const { disks } = (await lab.state()).vms.find(({ name }) => name === vm)!;
  for (const { key } of disks) {
    const to = join(folder, `${vm}-${key}.raw`);
    await lab.copyDisk({ vm, key, to });
    const then = join(from.captureDir, capture!, `${key}.raw`);
    assert.equal(await firstDifference(to, then), undefined, `${vm} disk ${key}`);
  }
}

it('rolls back at home, and restores to another vCenter from the repository alone', async () => {
  await using bench = await openBench();
  const { lab, programs, repositoryRoot } = bench;
  await lab.setCapture({ on: true });
  for (const words of [bench.addEndpoint, ['repository', 'add', 'main', repositoryRoot]]) {
    const { code, err } = await programs.cli(words);
    assert.equal(code, 0, err);
  }
  await programs.json<RunView>(['backup', 'run', 'demo-app']);
  const [point] = await programs.json<RestorePoint[]>(['restore-point', 'list']);
  const { id } = point!.header;
  for (const { key } of (await lab.state()).vms.find(({ name }) => name === 'demo-app')!.disks)
    await lab.writeGuest({ vm: 'demo-app', key, offset: 1 << 20, length: 50_000, seed: key });

  const rollback = ['restore', id, '--rollback', '--power-off'];
  const plan = await programs.json<RestorePlan>([...rollback, '--dry-run']);
  assert.ok(plan.disks.every(({ method }) => method === 'changed'));
  const unasked = await programs.cli(rollback);
  assert.equal(unasked.code, 2);
  assert.match(unasked.err, /give --yes/);
  const done = await programs.cli([...rollback, '--power-on', '--yes']);
  assert.equal(done.code, 0, done.err);
  assert.match(done.out, /changed: \d+ bytes have changed since/);
  await assertSame(lab, { vm: 'demo-app', from: lab, folder: programs.folder });
  assert.deepEqual(await leftovers(lab), []);

  // The site is lost: a new appliance elsewhere, with VDDK and the repository.
  const { folder } = programs;
  await using far = await startLab({
    dir: join(folder, 'far'),
    seed: 9,
    scenario: {
      ...demoScenario(smallSizes),
      datacenter: 'Far',
      networks: ['LAN'],
      datastores: [{ name: 'far1', type: 'VMFS', capacityBytes: 2 ** 40 }],
      vms: [],
    },
  });
  const workerEnv = { COLDFRAME_LAB_VDDK_MAP: far.vddkMap };
  await using rebuilt = await openPrograms({ sysfsRoot: far.applianceRoot, workerEnv });
  await rebuilt.startService();
  const password = join(rebuilt.folder, 'password');
  await writeFile(password, `${far.password}\n`);
  const login = ['--user', far.user, '--password-file', password];
  const trust = ['--thumbprint', far.thumbprintSha256];
  for (const words of [
    ['repository', 'add', 'found', repositoryRoot],
    ['endpoint', 'add', 'far', '--address', far.address, ...login, ...trust],
    ['vddk', 'install', vddkDir],
  ]) {
    const { code, err } = await rebuilt.cli(words);
    assert.equal(code, 0, err);
  }
  const restore = ['restore', id, '--new-name', 'demo-app', '--endpoint', 'far', '--keep-identity'];
  const lacking = await rebuilt.cli([...restore, '--transport', 'nbdssl', '--dry-run']);
  assert.match(lacking.err, /network "VM Network" does not exist/);
  const options = [
    '--network',
    'VM Network=LAN',
    '--transport',
    'nbdssl',
    '--provisioning',
    'thin',
  ];
  const shown = await rebuilt.cli([...restore, ...options, '--dry-run']);
  assert.match(shown.out, /1\. Create the VM "demo-app" in folder "Far\/vm"/);
  assert.match(shown.out, /datastore "vmfs1" is not there; "far1" is used/);
  assert.deepEqual((await far.state()).vms, []);
  const moved = await rebuilt.cli([...restore, ...options, '--power-on', '--wait-tools', '1']);
  assert.equal(moved.code, 3, 'done, with warnings about folder and datastore');
  const made = (await far.state()).vms.find(({ name }) => name === 'demo-app')!;
  assert.equal(made.instanceUuid, point!.header.vm.instanceUuid);
  assert.equal(made.power, 'poweredOn');
  await assertSame(far, { vm: 'demo-app', from: lab, folder });
  assert.deepEqual(await leftovers(far), []);
});
