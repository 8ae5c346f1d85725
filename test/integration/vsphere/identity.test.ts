import assert from 'node:assert/strict';
import { test } from 'node:test';

import { missingVms, selectVms } from '#core/select-vms.ts';
import { vmKey } from '#core/vm.ts';
import { govcAt } from '#test/peers/govc.ts';
import { booleanVal, propertyScripts, stringVal } from '#test/unit/vsphere/property-script.ts';
import { scriptedClient } from '#test/unit/vsphere/scripted-client.ts';
import { serviceContent } from '#test/unit/vsphere/scripted-server.ts';
import { labClient } from './lab-client.ts';

test('a VM that was unregistered and registered again is the same VM under another moref', async () => {
  await using client = await labClient();
  const { connection, endpoint, signal, app } = client;
  const govc = govcAt(endpoint);
  const before = (await connection.listVms(signal)).find(({ identity }) => identity.moref === app)!;
  const [disk] = (await connection.getVm(app, signal)).disks;
  const vmx = disk!.backing.fileName.replace(/^\[(.*)\] (.*)\/.*$/, '$2/demo-app.vmx');
  await govc('vm.power', '-off', '-force', 'demo-app');
  await govc('vm.unregister', 'demo-app');
  const gone = await connection.listVms(signal);
  const rule = { by: 'vm', instanceUuid: before.identity.instanceUuid, name: 'demo-app' } as const;
  assert.deepEqual(missingVms(gone, { include: [rule], exclude: [] }), ['demo-app']);
  await govc('vm.register', '-ds', 'vmfs1', '-folder', '/Lab/vm/Production', vmx);
  const again = await connection.listVms(signal);
  const [chosen] = selectVms(again, { include: [rule], exclude: [] }).filter((c) => c.chosen);
  assert.notEqual(chosen!.vm.identity.moref, app);
  assert.equal(vmKey(chosen!.vm.identity), vmKey(before.identity));
  const { instanceUuid } = before.identity;
  assert.equal(
    await connection.findVm({ instanceUuid, morefHint: app }, signal),
    chosen!.vm.identity.moref,
    'the hint is only a hint',
  );
});

test('a VM that was renamed keeps its identity, and the new name is followed', async () => {
  await using client = await labClient();
  const { connection, endpoint, signal, app } = client;
  const name = async () =>
    (await connection.listVms(signal)).find(({ identity }) => identity.moref === app)?.identity;
  const before = await name();
  await govcAt(endpoint)('vm.change', '-vm', 'demo-app', '-name', 'shop');
  const after = await name();
  assert.equal(after?.name, 'shop');
  assert.deepEqual({ ...after, name: before?.name }, before);
});

test('on a host, a VM without an instance uuid goes by its BIOS uuid', async () => {
  const vms = {
    'ha-host': {
      type: 'HostSystem',
      values: { 'hardware.systemInfo.uuid': stringVal('host-hardware') },
    },
    '1': {
      type: 'VirtualMachine',
      values: {
        name: stringVal('old'),
        'config.uuid': stringVal('bios-1'),
        'config.template': booleanVal(false),
      },
    },
  };
  await using client = await scriptedClient({
    ...propertyScripts(vms),
    RetrieveServiceContent: () => serviceContent('HostAgent'),
    FindAllByUuid: (body) =>
      body.includes('<instanceUuid>false<') && body.includes('<uuid>bios-1<')
        ? '<returnval type="VirtualMachine">1</returnval>'
        : '',
  });
  const [vm] = await client.connection.listVms(client.signal);
  assert.equal(vm?.identity.endpointUuid, 'host-hardware');
  assert.equal(vm?.identity.instanceUuid, 'bios-1');
  const query = { instanceUuid: 'bios-1' };
  assert.equal(await client.connection.findVm(query, client.signal), '1');
});
