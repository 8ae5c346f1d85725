import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  booleanVal,
  propertyScripts,
  refVal,
  stringVal,
  type ScriptedObjects,
} from './property-script.ts';
import { createVsphere } from '#vsphere/client.ts';
import { briskClock, scriptedClient } from './scripted-client.ts';
import { scriptedServer } from './scripted-server.ts';

const folders: ScriptedObjects = {
  'datacenter-1': {
    type: 'Datacenter',
    values: { name: stringVal('DC%2f1'), parent: refVal('Folder', 'group-d1') },
  },
  'group-v1': {
    type: 'Folder',
    values: { name: stringVal('vm'), parent: refVal('Datacenter', 'datacenter-1') },
  },
  'group-v2': {
    type: 'Folder',
    values: { name: stringVal('Prod'), parent: refVal('Folder', 'group-v1') },
  },
};

const config = `<val xsi:type="VirtualMachineConfigInfo"><name>odd</name><version>vmx-07</version><uuid>bios-1</uuid><instanceUuid>inst-1</instanceUuid><template>true</template><hardware><numCPU>1</numCPU><memoryMB>4</memoryMB><device xsi:type="VirtualDisk"><key>2000</key><backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[a] b</fileName><keyId><keyId>k</keyId></keyId></backing><capacityInKB>8</capacityInKB></device></hardware><extraConfig xsi:type="OptionValue"><key>coldframe.marker</key><value xsi:type="xsd:string">m-1</value></extraConfig></val>`;

test('an odd VM is described as it is', async () => {
  await using client = await scriptedClient(
    propertyScripts({
      ...folders,
      'vm-1': {
        type: 'VirtualMachine',
        values: {
          name: stringVal('odd'),
          parent: refVal('Folder', 'group-v2'),
          config,
          'runtime.powerState': '<val xsi:type="VirtualMachinePowerState">suspended</val>',
          'runtime.connectionState': '<val xsi:type="VirtualMachineConnectionState">orphaned</val>',
          'runtime.consolidationNeeded': booleanVal(true),
          'runtime.faultToleranceState':
            '<val xsi:type="VirtualMachineFaultToleranceState">running</val>',
          'runtime.question':
            '<val xsi:type="VirtualMachineQuestionInfo"><id>1</id><text>Copied or moved?</text></val>',
          'guest.toolsRunningStatus': stringVal('guestToolsNotRunning'),
          'capability.changeTrackingSupported': booleanVal(false),
        },
      },
    }),
  );
  const details = await client.connection.getVm('vm-1', client.signal);
  assert.equal(details.powerState, 'suspended');
  assert.equal(details.connectionState, 'orphaned');
  assert.equal(details.template, true);
  assert.equal(details.hardwareVersion, 7);
  assert.equal(details.consolidationNeeded, true);
  assert.equal(details.faultToleranceOn, true);
  assert.equal(details.question, 'Copied or moved?');
  assert.equal(details.encrypted, true);
  assert.equal(details.toolsRunning, false);
  assert.equal(details.changeTrackingSupported, false);
  assert.equal(details.datacenterMoref, 'datacenter-1');
  assert.equal(details.extraConfig.get('coldframe.marker'), 'm-1');
  assert.deepEqual(details.snapshots, []);
});

test('a VM without a configuration is listed all the same', async () => {
  await using client = await scriptedClient(
    propertyScripts({
      ...folders,
      'vm-1': {
        type: 'VirtualMachine',
        values: {
          name: stringVal('lost'),
          parent: refVal('Folder', 'group-v2'),
          'runtime.powerState': '<val xsi:type="VirtualMachinePowerState">poweredOff</val>',
        },
      },
    }),
  );
  const [vm] = await client.connection.listVms(client.signal);
  assert.equal(vm!.identity.name, 'lost');
  assert.equal(vm!.identity.instanceUuid, '');
  assert.equal(vm!.diskCount, 0);
  assert.equal(vm!.folderPath, 'DC%2f1/vm/Prod');
});

test('a VM in a vApp has its place by the vApp', async () => {
  await using client = await scriptedClient(
    propertyScripts(
      {
        ...folders,
        'resgroup-v9': {
          type: 'VirtualApp',
          values: { name: stringVal('shop'), parentFolder: refVal('Folder', 'group-v2') },
        },
        'vm-1': {
          type: 'VirtualMachine',
          values: { name: stringVal('web'), parentVApp: refVal('VirtualApp', 'resgroup-v9') },
        },
      },
      { page: 2 },
    ),
  );
  const [vm] = await client.connection.listVms(client.signal);
  assert.equal(vm!.folderPath, 'DC%2f1/vm/Prod/shop');
  assert.equal(vm!.where.vApp, 'DC%2f1/vm/Prod/shop');
  assert.equal(client.server.calls.filter((call) => call === 'WaitForUpdatesEx').length, 3);
});

test('parents that go in circles do not hang the list', async () => {
  await using client = await scriptedClient(
    propertyScripts({
      a: { type: 'Folder', values: { name: stringVal('a'), parent: refVal('Folder', 'b') } },
      b: { type: 'Folder', values: { name: stringVal('b'), parent: refVal('Folder', 'a') } },
      'vm-1': {
        type: 'VirtualMachine',
        values: { name: stringVal('v'), parent: refVal('Folder', 'a') },
      },
    }),
  );
  const [vm] = await client.connection.listVms(client.signal);
  assert.equal(vm!.folderPath, 'b/a');
});

test('a list that breaks off gives its collector and its view back', async () => {
  const scripts = propertyScripts(
    Object.fromEntries(
      Array.from({ length: 4 }, (_, i) => [
        `vm-${i}`,
        { type: 'VirtualMachine', values: { name: stringVal('v') } },
      ]),
    ),
    { page: 1 },
  );
  await using client = await scriptedClient({
    ...scripts,
    WaitForUpdatesEx: (body) =>
      body.includes('<version>2<')
        ? { status: 404, text: 'gone' }
        : scripts['WaitForUpdatesEx']!(body),
  });
  await assert.rejects(client.connection.listVms(client.signal), { code: 'unreachable' });
  const count = (wanted: string) => client.server.calls.filter((call) => call === wanted).length;
  assert.ok(count('CreateContainerView') > 1, 'it was tried again');
  assert.equal(count('DestroyView'), count('CreateContainerView'));
  assert.equal(count('DestroyPropertyCollector'), count('CreatePropertyCollector'));
});

test('pages are small where values are large, so that the event loop is not held up', async () => {
  const scripts = propertyScripts({
    'vm-1': { type: 'VirtualMachine', values: { name: stringVal('v') } },
  });
  let size: string | undefined;
  await using client = await scriptedClient({
    ...scripts,
    WaitForUpdatesEx: (body) => {
      size = /<maxObjectUpdates>(\d+)</.exec(body)?.[1];
      return scripts['WaitForUpdatesEx']!(body);
    },
  });
  await client.connection.listVms(client.signal);
  assert.equal(size, '100');
});

test('a login that is closed under a list is closed without complaint', async () => {
  const stop = new AbortController();
  const scripts = propertyScripts({});
  let closed: PromiseLike<void> | undefined;
  await using server = await scriptedServer({
    ...scripts,
    WaitForUpdatesEx: () => {
      stop.abort();
      closed ??= connection[Symbol.asyncDispose]();
      return '';
    },
  });
  const messages: string[] = [];
  const keep = (message: string): void => void messages.push(message);
  const log = { info: keep, warn: keep };
  const vsphere = createVsphere({ clock: briskClock, userAgent: 'coldframe/test', log });
  const connection = await vsphere.connect(server.endpoint(), AbortSignal.timeout(30_000));
  await assert.rejects(connection.listVms(stop.signal), { code: 'cancelled' });
  await closed;
  assert.deepEqual(messages, []);
  assert.equal(server.calls.at(-1), 'Logout');
});
