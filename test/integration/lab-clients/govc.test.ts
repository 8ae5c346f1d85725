import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Secret } from '#core/secret.ts';
import { startLab, type Lab } from '#test/lab/lab.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';
import { govcAt, type Govc } from '#test/peers/govc.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

interface LabWithGovc extends AsyncDisposable {
  readonly lab: Lab;
  readonly govc: Govc;
}

async function labWithGovc(): Promise<LabWithGovc> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const lab = stack.use(await startLab({ scenario: demoScenario(smallSizes), dir: folder.path }));
  const { address, user, password } = lab;
  const govc = govcAt({ address, user, password: new Secret(password) });
  const owned = stack.move();
  return { lab, govc, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test('govc finds its way through the lab', async () => {
  await using bench = await labWithGovc();
  const { govc, lab } = bench;
  assert.match(await govc('about'), /^FullName:\s+VMware vCenter Server/m);
  assert.deepEqual((await govc('ls', '/Lab')).trim().split('\n').sort(), [
    '/Lab/datastore',
    '/Lab/host',
    '/Lab/network',
    '/Lab/vm',
  ]);
  const vms = (await govc('find', '/', '-type', 'm')).trim().split('\n');
  assert.ok(vms.includes('/Lab/vm/Production/demo-app'), vms.join());
  assert.equal(vms.length, (await lab.state()).vms.length);
  const [vm] = (
    JSON.parse(await govc('vm.info', '-json', 'demo-app')) as {
      virtualMachines: { config: { instanceUuid: string }; runtime: { powerState: string } }[];
    }
  ).virtualMachines;
  const { vms: inLab } = await lab.state();
  assert.equal(
    vm?.config.instanceUuid,
    inLab.find(({ name }) => name === 'demo-app')?.instanceUuid,
  );
  assert.equal(vm?.runtime.powerState, 'poweredOn');
});

test("govc lists the devices of the lab's VMs", async () => {
  await using bench = await labWithGovc();
  const devices = (await bench.govc('device.ls', '-vm', 'demo-app')).trim().split('\n');
  assert.equal(devices.filter((line) => line.startsWith('disk-')).length, 2);
  assert.ok(
    devices.some((line) => /VirtualLsiLogicSASController/.test(line)),
    devices.join('\n'),
  );
  const disks = JSON.parse(
    await bench.govc('device.info', '-json', '-vm', 'demo-app', 'disk-*'),
  ) as { devices: { backing: { uuid: string; fileName: string } }[] };
  const { vms } = await bench.lab.state();
  assert.deepEqual(
    disks.devices.map(({ backing }) => [backing.uuid, backing.fileName]),
    vms
      .find(({ name }) => name === 'demo-app')
      ?.disks.map(({ uuid, fileName }) => [uuid, fileName]),
  );
});

test('govc makes, shows and removes snapshots in the lab', async () => {
  await using bench = await labWithGovc();
  const { govc, lab } = bench;
  const vm = ['-vm', 'demo-app'];
  await govc('snapshot.create', ...vm, '-m=false', '-q=true', '-d', 'by govc', 'first');
  await govc('snapshot.create', ...vm, '-m=false', 'second');
  assert.match(await govc('snapshot.tree', ...vm), /first\s+second/);
  await govc('snapshot.remove', ...vm, 'first');
  assert.match(await govc('snapshot.tree', ...vm), /^\s*second/);
  await govc('snapshot.remove', ...vm, '*');
  assert.equal((await govc('snapshot.tree', ...vm)).trim(), '');
  const { vms } = await lab.state();
  assert.deepEqual(vms.find(({ name }) => name === 'demo-app')?.snapshots, []);
});

test('govc changes power, settings and disks, and is refused as at a vCenter', async () => {
  await using bench = await labWithGovc();
  const { govc, lab } = bench;
  await govc('vm.power', '-off', '-force', 'demo-app');
  await assert.rejects(
    govc('vm.power', '-off', '-force', 'demo-app'),
    /InvalidPowerState|powered off|current state/i,
  );
  await govc('vm.change', '-vm', 'demo-app', '-e', 'test.key=value');
  const { vms } = await lab.state();
  const vm = vms.find(({ name }) => name === 'demo-app');
  assert.equal(vm?.power, 'poweredOff');
  assert.equal(vm?.extraConfig['test.key'], 'value');
  await assert.rejects(govc('vm.info', '-vm.uuid', crypto.randomUUID()), /not found|no such/i);
  const { address, user } = lab;
  const stranger = govcAt({ address, user, password: new Secret('wrong') });
  await assert.rejects(
    stranger('ls'),
    /incorrect user name or password|InvalidLogin|Cannot complete login/i,
  );
});
