import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propertyScripts, stringVal } from './property-script.ts';
import { scriptedClient } from './scripted-client.ts';
import type { Script } from './scripted-server.ts';

const file = '[src] web/web.vmdk';
const request = {
  vmMoref: 'vm-1',
  disks: [{ fileName: file, capacityBytes: 4096, mode: 'independent_nonpersistent' as const }],
};

const controllers = [0, 1]
  .map(
    (bus) =>
      `<VirtualDevice xsi:type="ParaVirtualSCSIController"><key>${1000 + bus}</key><busNumber>${bus}</busNumber><sharedBus>noSharing</sharedBus></VirtualDevice>`,
  )
  .join('');

function disk(fileName: string, parent = '', unit = 0): string {
  const parentBacking = parent === '' ? '' : `<parent><fileName>${parent}</fileName></parent>`;
  return `<VirtualDevice xsi:type="VirtualDisk"><key>${2016 + unit}</key><backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>${fileName}</fileName><diskMode>independent_nonpersistent</diskMode><uuid>6000C29f</uuid>${parentBacking}</backing><controllerKey>1001</controllerKey><unitNumber>${unit}</unitNumber><capacityInKB>4</capacityInKB></VirtualDevice>`;
}

/** A VM whose reconfigure succeeds, and whose devices are those of `states`, one after each look. */
function applianceScripts(states: readonly string[]) {
  const specs: string[] = [];
  let looks = 0;
  const scripts: Record<string, Script> = {
    ...propertyScripts({}),
    RetrievePropertiesEx: (body) => {
      const devices = states[Math.min(looks++, states.length - 1)];
      const values = {
        'config.changeVersion': stringVal('v-7'),
        'config.hardware.device': `<val xsi:type="ArrayOfVirtualDevice">${controllers}${devices}</val>`,
      };
      return propertyScripts({ 'vm-1': { type: 'VirtualMachine', values } })[
        'RetrievePropertiesEx'
      ]!(body);
    },
    ReconfigVM_Task: (body) => {
      specs.push(body);
      return '<returnval type="Task">task-1</returnval>';
    },
    CreatePropertyCollector: () => '<returnval type="PropertyCollector">pc-1</returnval>',
    CreateFilter: () => '<returnval type="PropertyFilter">f-1</returnval>',
    WaitForUpdatesEx: () =>
      '<returnval><version>1</version><filterSet><filter type="PropertyFilter">f-1</filter><objectSet><kind>enter</kind><obj type="Task">task-1</obj><changeSet><name>info.state</name><op>assign</op><val xsi:type="TaskInfoState">success</val></changeSet></objectSet></filterSet></returnval>',
  };
  return { scripts, specs };
}

test('the reconfigure carries the version and never a fileOperation', async () => {
  const { scripts, specs } = applianceScripts(['', disk(file), disk(file), '']);
  await using client = await scriptedClient(scripts);
  const [attached] = await client.connection.attachDisks(request, client.signal);
  await client.connection.detachDisks('vm-1', [attached!.key], client.signal);
  assert.match(
    specs[0]!,
    /<changeVersion>v-7<\/changeVersion><deviceChange><operation>add<\/operation><device /,
  );
  assert.match(
    specs[0]!,
    /<controllerKey>1001<\/controllerKey><unitNumber>0<\/unitNumber><capacityInKB>4<\/capacityInKB>/,
  );
  assert.match(
    specs[1]!,
    /<operation>remove<\/operation><device xsi:type="VirtualDisk"><key>2016<\/key>/,
  );
  for (const spec of specs) assert.doesNotMatch(spec, /fileOperation/);
});

test('a disk that shows its redo log is known by the file below it', async () => {
  const redo = '[app] cf/cf-redo.vmdk';
  const { scripts } = applianceScripts(['', disk(redo, file)]);
  await using client = await scriptedClient(scripts);
  const [attached] = await client.connection.attachDisks(request, client.signal);
  assert.equal(attached!.fileName, file);
  assert.deepEqual(attached!.parents, [file]);
  const [listed] = await client.connection.listAttached('vm-1', client.signal);
  assert.equal(listed!.fileName, redo);
  assert.deepEqual(listed!.parents, [file]);
});

test('success without the disk is not believed', async () => {
  for (const devices of ['', disk('[src] other/other.vmdk')]) {
    const { scripts } = applianceScripts(['', devices]);
    await using client = await scriptedClient(scripts);
    await assert.rejects(client.connection.attachDisks(request, client.signal), {
      code: 'vsphere-fault',
      message: /reported success, but \[src\] web\/web\.vmdk is not at SCSI 1:0/,
    });
  }
});

test('detaching waits until the disk is gone', async () => {
  const { scripts } = applianceScripts([disk(file), disk(file), disk(file), '']);
  await using client = await scriptedClient(scripts);
  await client.connection.detachDisks('vm-1', [2016], client.signal);
  assert.equal(client.server.calls.filter((call) => call === 'RetrievePropertiesEx').length, 4);
});

test('a disk that stays is an error that says what to do', async () => {
  const { scripts } = applianceScripts([disk(file)]);
  let now = 0;
  const clock = {
    now: () => now,
    sleep: async (ms: number, signal?: AbortSignal) => {
      if (ms <= 1000) now += 30_000;
      else
        await new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(new Error('over'))),
        );
    },
  };
  await using client = await scriptedClient(scripts, clock);
  await assert.rejects(client.connection.detachDisks('vm-1', [2016], client.signal), {
    code: 'busy',
    message: /cannot be detached\. Detach it in vCenter without deleting its files/,
  });
});
