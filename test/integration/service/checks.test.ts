import assert from 'node:assert/strict';
import { it } from 'node:test';

import type { EndpointTest, HealthReport, VmCheckView } from '#core/api.ts';
import type { RoleLines } from '#core/role-lines.ts';

import { openBench, type Bench } from './bench.ts';

async function found({ programs }: Bench, vm = 'demo-app'): Promise<readonly string[]> {
  const { out } = await programs.cli(['vm', 'check', vm, '--json']);
  return (JSON.parse(out) as VmCheckView).findings.map(({ effect, id }) => `${effect} ${id}`);
}

it('says what the account lacks and where, and prints a role that has it', async () => {
  await using bench = await openBench();
  const { lab, programs, addEndpoint } = bench;
  const { vms } = await lab.state();
  const appliance = vms.find(({ name }) => name === 'coldframe')!;
  await lab.setPrivileges([
    { privilege: 'VirtualMachine.Config.RemoveDisk', object: appliance.moref },
    { privilege: 'Network.Assign' },
  ]);
  const added = await programs.cli(addEndpoint);
  assert.equal(added.code, 0, added.err);
  assert.match(added.out, /Privileges +1 missing/);
  assert.match(
    added.out,
    /hotadd: VirtualMachine\.Config\.RemoveDisk on the appliance "coldframe" \(to let go of them\)/,
  );
  assert.match(added.out, /restore: Network\.Assign on all 2 networks/);
  assert.match(added.err, /endpoint role --print/);
  await lab.setPrivileges([]);
  const tested = await programs.json<EndpointTest>(['endpoint', 'test', 'lab']);
  assert.deepEqual(tested.privilegeGaps, []);

  const role = await programs.json<RoleLines>(['endpoint', 'role', '--print', '--for', 'hotadd']);
  assert.ok(role.privileges.includes('VirtualMachine.Config.RemoveDisk'));
  assert.ok(!role.privileges.includes('Network.Assign'));
  const wrong = await programs.cli(['endpoint', 'role', '--for', 'everything']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /one of: backup, hotadd, vddk, restore, extras/);
});

it('finds what is in the way of a backup, with an exit code for scripts', async () => {
  await using bench = await openBench();
  const { lab, programs, addEndpoint } = bench;
  assert.equal((await programs.cli(addEndpoint)).code, 0);
  const vm = 'demo-app';
  const good = await programs.cli(['vm', 'check', vm]);
  assert.deepEqual([good.code, good.out], [0, 'demo-app: nothing in the way.\n']);

  await lab.setVm({ vm, toolsRunning: false });
  await lab.addForeignSnapshot({ vm, name: 'before the upgrade' });
  await lab.addDisk({ vm, disk: { sizeBytes: 2 ** 20, controller: 'ide' } });
  await lab.addDisk({
    vm,
    disk: { sizeBytes: 2 ** 20, controller: 'pvscsi', mode: 'independent_persistent' },
  });
  assert.deepEqual(await found(bench), [
    'blocks no-transport',
    'degrades no-tools',
    'degrades disk-not-protected',
    'informs snapshots',
  ]);
  const bad = await programs.cli(['vm', 'check', vm]);
  assert.equal(bad.code, 1);
  assert.match(bad.out, /blocks {3}no-transport: No transport can reach .*IDE/);
});

it('finds each state of a VM that forbids or limits a backup', async () => {
  await using bench = await openBench();
  const { lab, programs, addEndpoint } = bench;
  assert.equal((await programs.cli(addEndpoint)).code, 0);
  const states = [
    [{ connectionState: 'disconnected' }, 'blocks not-connected'],
    [{ question: 'Moved or copied?' }, 'blocks question'],
    [{ faultTolerance: true }, 'blocks fault-tolerance'],
    [{ snapshotsSupported: false }, 'blocks no-snapshots'],
    [{ changeTrackingSupported: false }, 'degrades no-change-tracking'],
    [{ encrypted: true }, 'informs encrypted'],
  ] as const;
  for (const [index, [state, finding]] of states.entries()) {
    const name = `state-${index}`;
    await lab.addVm({
      name,
      poweredOn: true,
      disks: [{ sizeBytes: 2 ** 20, controller: 'pvscsi' }],
    });
    await lab.setVm({ vm: name, ...state });
    const all = await found(bench, name);
    assert.ok(all.includes(finding), `${finding} is not in ${all.join(', ')}`);
  }
  assert.ok((await found(bench, 'coldframe')).includes('blocks own-vm'));
  await lab.setDatastore({ name: 'vmfs1', accessible: false });
  assert.ok((await found(bench)).includes('blocks datastore-not-accessible'));
});

it('lists what was left behind and releases what is ours', async () => {
  await using bench = await openBench();
  const { lab, programs, addEndpoint } = bench;
  assert.equal((await programs.cli(addEndpoint)).code, 0);
  const { applianceId } = await programs.json<HealthReport>(['service', 'status']);
  const none = await programs.cli(['stray', 'list']);
  assert.deepEqual([none.code, none.err], [0, 'Nothing is left.\n']);
  const description = `coldframe:${applianceId}:gone`;
  await lab.addForeignSnapshot({ vm: 'demo-app', name: 'by hand' });
  await lab.addForeignSnapshot({ vm: 'demo-app', name: 'lost', description });

  const listed = await programs.cli(['stray', 'list', '--days', '0']);
  assert.equal(listed.code, 3);
  assert.match(listed.out, /yes +The snapshot "lost" of demo-app is coldframe's own/);
  assert.match(listed.out, /no +The snapshot "by hand" of demo-app is 0 days old/);
  const status = async () => (await programs.cli(['service', 'status', '--json'])).out;
  assert.match(await status(), /"status": "degraded"/);
  const released = await programs.cli(['stray', 'release']);
  assert.equal(released.code, 0, released.err);
  assert.match(released.out, /^1 thing released/);
  const { vms } = await lab.state();
  assert.deepEqual(
    vms.flatMap(({ snapshots }) => snapshots.map(({ name }) => name)),
    ['by hand'],
  );
  const unknown = await programs.cli(['stray', 'release', 'snapshot/none']);
  assert.equal(unknown.code, 3);
  assert.match(await status(), /"status": "ok"/);
});
