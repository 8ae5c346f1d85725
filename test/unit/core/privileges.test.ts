import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import {
  gapText,
  privilegeAsks,
  privilegeGaps,
  type PrivilegeObject,
} from '#core/privilege-gaps.ts';
import { needsOn, privilegeNeeds, privilegePurposes, rolePrivileges } from '#core/privileges.ts';
import { roleLines } from '#core/role-lines.ts';
import { knownPrivileges } from '#test/lab/server/privileges.ts';

const vm = (moref: string): PrivilegeObject => ({
  place: 'vm',
  type: 'VirtualMachine',
  moref,
  name: `name of ${moref}`,
});

suite('the table of privileges', () => {
  test('names no privilege that vCenter does not have', () => {
    for (const { id } of privilegeNeeds) assert.ok(knownPrivileges.includes(id), id);
  });

  test('says each need once', () => {
    const said = privilegeNeeds.flatMap(({ id, purpose, on }) =>
      on.map((place) => `${purpose} ${id} ${place}`),
    );
    assert.deepEqual(said.toSorted(), [...new Set(said)].toSorted());
  });

  test('a role for backups alone cannot write to a VM', () => {
    const role = rolePrivileges(['backup', 'hotadd']);
    assert.ok(role.includes('VirtualMachine.State.CreateSnapshot'));
    assert.ok(!role.includes('VirtualMachine.Interact.PowerOff'));
    assert.ok(!role.includes('VirtualMachine.Inventory.Delete'));
    assert.ok(rolePrivileges([...privilegePurposes]).length > role.length);
  });
});

suite('gaps', () => {
  test('each object is asked for what its kind needs and nothing else', () => {
    const [ask] = privilegeAsks([vm('vm-1')], ['backup']);
    assert.deepEqual(
      ask!.ids,
      needsOn('vm', ['backup']).map(({ id }) => id),
    );
    assert.deepEqual(privilegeAsks([{ ...vm('n'), place: 'network' }], ['backup']), []);
  });

  test('are put together by privilege, what is needed first', () => {
    const lacking: Record<string, readonly string[]> = {
      'vm-1': ['VirtualMachine.Config.ChangeTracking', 'VirtualMachine.State.CreateSnapshot'],
      'vm-2': ['VirtualMachine.Config.ChangeTracking'],
    };
    const found = privilegeGaps([vm('vm-1'), vm('vm-2')], ({ moref }, id) =>
      lacking[moref]!.includes(id),
    );
    assert.deepEqual(found.map(gapText), [
      'VirtualMachine.State.CreateSnapshot on VM "name of vm-1" (to take the snapshot)',
      'VirtualMachine.Config.ChangeTracking on all 2 VMs (to switch change tracking on)',
    ]);
    assert.deepEqual(
      found.map(({ optional }) => optional),
      [false, true],
    );
  });

  test('of many objects only a few are named', () => {
    const all = Array.from({ length: 20 }, (_, at) => vm(`vm-${at}`));
    const [gap] = privilegeGaps(
      all,
      ({ moref }, id) => moref !== 'vm-0' && id.endsWith('CreateSnapshot'),
      ['backup'],
    );
    assert.match(gapText(gap!), /on 19 of 20 VMs: name of vm-1, .*name of vm-5, … \(/);
  });
});

suite('the role as commands', () => {
  const lines = roleLines({ name: "o'role", principal: 'DOM\\svc', purposes: ['backup'] });

  test('govc', () => {
    assert.match(lines.govc[0]!, /^govc role\.create 'o'\\''role' System\.Anonymous System\.Read /);
    assert.match(lines.govc[1]!, /-principal 'DOM\\svc' -role 'o'\\''role' -propagate=true \/$/);
  });

  test('PowerCLI', () => {
    assert.match(
      lines.powerCli[0]!,
      /New-VIRole -Name 'o''role' .*'VirtualMachine\.State\.CreateSnapshot'/,
    );
    assert.match(lines.powerCli[1]!, /-Principal 'DOM\\svc'/);
  });

  test('a role is made of the privileges that backups need', () => {
    assert.deepEqual(lines.privileges.slice(3), rolePrivileges(['backup']));
  });
});
