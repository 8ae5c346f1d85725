import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gapText } from '#core/privilege-gaps.ts';
import { privilegeNeeds } from '#core/privileges.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { checkEndpointPrivileges } from '#engine/check-privileges.ts';
import { checkVm } from '#engine/look-at-vm.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';

async function gaps({ connection, signal, vm }: LabGround): Promise<readonly string[]> {
  const { moref: applianceMoref } = await vm('coldframe');
  const vms = await connection.listVms(signal);
  return (await checkEndpointPrivileges(connection, { vms, applianceMoref }, signal)).map(gapText);
}

async function findings(ground: LabGround): Promise<readonly string[]> {
  const { bench, signal } = ground;
  const wanted = { endpoint: bench.endpoint, vm: { name: 'demo-app' } };
  const found = (await checkVm(bench.context, wanted, signal)).findings;
  return found
    .filter(({ id }) => id.startsWith('privileges'))
    .map(({ effect, id }) => `${effect} ${id}`);
}

test('an account with everything lacks nothing, anywhere', async () => {
  await using ground = await labGround({ vddk: false });
  assert.deepEqual(await gaps(ground), []);
  assert.deepEqual(await findings(ground), []);
});

test('every privilege of the table is found missing, on each kind of object', async () => {
  await using ground = await labGround({ vddk: false });
  const all = new Set(privilegeNeeds.map(({ id }) => id));
  await ground.lab.setPrivileges([...all].map((privilege) => ({ privilege })));
  const found = await gaps(ground);
  const wanted = privilegeNeeds.reduce((sum, { on }) => sum + on.length, 0);
  assert.equal(found.length, wanted);
  assert.deepEqual(await findings(ground), [
    'blocks privileges-backup',
    'degrades privileges-hotadd',
    'informs privileges-backup',
  ]);
});

test('says on which VM one is missing, and the run refuses before it changes anything', async () => {
  await using ground = await labGround({ vddk: false });
  const { lab, bench, signal } = ground;
  const { moref } = await ground.vm('demo-app');
  await lab.setPrivileges([{ privilege: 'VirtualMachine.State.RemoveSnapshot', object: moref }]);
  assert.deepEqual(await gaps(ground), [
    'VirtualMachine.State.RemoveSnapshot on VM "demo-app" (to remove it, and consolidate)',
  ]);
  await assert.rejects(backUpVm(bench.context, bench.backup(), { signal }), {
    code: 'no-permission',
    message: /lacks VirtualMachine\.State\.RemoveSnapshot on VM "demo-app"/,
  });
  assert.equal((await lab.counters())['CreateSnapshot_Task'], undefined);
  await ground.assertTidy();
});

test('a server that does not answer the question hinders no backup', async () => {
  await using ground = await labGround({ vddk: false });
  const { lab, bench, signal } = ground;
  await lab.addFaults([
    { on: 'HasPrivilegeOnEntities', action: { kind: 'soap-fault', type: 'NotSupported' } },
  ]);
  const outcome = await backUpVm(bench.context, bench.backup(), { signal });
  assert.deepEqual(
    outcome.findings.map(({ effect, id }) => `${effect} ${id}`),
    ['informs privileges-unknown'],
  );
});
