import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propertyScripts, refVal, stringVal, type ScriptedObjects } from './property-script.ts';
import { scriptedClient } from './scripted-client.ts';
import { soapFault, type Script } from './scripted-server.ts';

const objects: ScriptedObjects = {
  'datacenter-1': {
    type: 'Datacenter',
    values: { name: stringVal('DC'), parent: refVal('Folder', 'group-d1') },
  },
  'group-v1': {
    type: 'Folder',
    values: { name: stringVal('vm'), parent: refVal('Datacenter', 'datacenter-1') },
  },
  'host-1': {
    type: 'HostSystem',
    values: { parent: refVal('ClusterComputeResource', 'domain-c1') },
  },
  'domain-c1': {
    type: 'ClusterComputeResource',
    values: { resourcePool: refVal('ResourcePool', 'pool-of-cluster') },
  },
  'network-1': { type: 'Network', values: { name: stringVal('LAN%2f1') } },
  'dvportgroup-1': {
    type: 'DistributedVirtualPortgroup',
    values: {
      name: stringVal('DMZ'),
      key: stringVal('dvportgroup-1'),
      'config.distributedVirtualSwitch': refVal('VmwareDistributedVirtualSwitch', 'dvs-1'),
    },
  },
  'dvs-1': { type: 'DistributedVirtualSwitch', values: { uuid: stringVal('50 2f aa') } },
};

/** Creates a VM whose card has this backing; returns the body of the request. */
async function create(
  backing: object,
  options: { networkMap?: Record<string, string>; hostMoref?: string } = {},
): Promise<string> {
  let sent = '';
  const scripts: Record<string, Script> = {
    ...propertyScripts(objects),
    FindByInventoryPath: () => '<returnval type="Folder">group-v1</returnval>',
    CreateVM_Task: (body) => {
      sent = body;
      return soapFault('DuplicateName', 'The name is taken', '<name>n</name>');
    },
  };
  await using client = await scriptedClient(scripts);
  const request = {
    name: 'n',
    config: {
      hardware: {
        numCPU: 1,
        memoryMB: 4,
        device: [{ $type: 'VirtualVmxnet3', key: 4000, controllerKey: 100, backing }],
      },
    },
    folderPath: 'DC/vm',
    hostMoref: 'host-1',
    datastoreName: 'ds',
    disks: [],
    keepIdentity: false,
    marker: 'm',
    ...options,
  };
  await assert.rejects(client.connection.createVm(request, client.signal), {
    code: 'invalid-input',
  });
  return sent;
}

test('the pool is that of the host', async () => {
  const body = await create({
    $type: 'VirtualEthernetCardNetworkBackingInfo',
    deviceName: 'LAN%2f1',
  });
  assert.match(
    body,
    /<pool type="ResourcePool">pool-of-cluster<\/pool><host type="HostSystem">host-1<\/host>/,
  );
  assert.match(body, /<files><vmPathName>\[ds\]<\/vmPathName><\/files>/);
  assert.match(
    body,
    /<extraConfig><key>coldframe\.marker<\/key><value xsi:type="xsd:string">m<\/value>/,
  );
});

test('a standard network keeps its name as vSphere stores it', async () => {
  const body = await create({
    $type: 'VirtualEthernetCardNetworkBackingInfo',
    deviceName: 'LAN%2f1',
  });
  assert.match(
    body,
    /<backing xsi:type="VirtualEthernetCardNetworkBackingInfo"><deviceName>LAN%2f1<\/deviceName><\/backing>/,
  );
});

test('a distributed port group is found by its key, without the old port', async () => {
  const port = {
    switchUuid: '50 2f aa',
    portgroupKey: 'dvportgroup-1',
    portKey: '17',
    connectionCookie: 99,
  };
  const body = await create({
    $type: 'VirtualEthernetCardDistributedVirtualPortBackingInfo',
    port,
  });
  assert.match(
    body,
    /<port><switchUuid>50 2f aa<\/switchUuid><portgroupKey>dvportgroup-1<\/portgroupKey><\/port>/,
  );
});

test('a network can be mapped to one of another kind', async () => {
  const body = await create(
    { $type: 'VirtualEthernetCardNetworkBackingInfo', deviceName: 'LAN%2f1' },
    { networkMap: { 'LAN/1': 'DMZ' } },
  );
  assert.match(
    body,
    /VirtualEthernetCardDistributedVirtualPortBackingInfo"><port><switchUuid>50 2f aa</,
  );
});

test('a network that is nowhere is refused before anything is made', async () => {
  assert.equal(
    await create({ $type: 'VirtualEthernetCardNetworkBackingInfo', deviceName: 'Gone' }),
    '',
  );
});
