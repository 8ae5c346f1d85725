import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skippingClock } from '#test/support/skipping-clock.ts';
import { scriptedClient, until } from './scripted-client.ts';
import { soapFault, type Script } from './scripted-server.ts';

function change(name: string, val: string): string {
  return `<changeSet><name>${name}</name><op>assign</op>${val}</changeSet>`;
}

function update(version: string, object: string, truncated = false): string {
  return `<returnval><version>${version}</version><filterSet><filter type="PropertyFilter">f-1</filter>${object}</filterSet><truncated>${truncated}</truncated></returnval>`;
}

function taskObject(kind: string, changes: string, task = 'task-1'): string {
  return `<objectSet><kind>${kind}</kind><obj type="Task">${task}</obj>${changes}</objectSet>`;
}

const running = change('info.state', '<val xsi:type="TaskInfoState">running</val>');
const success = change('info.state', '<val xsi:type="TaskInfoState">success</val>');

/** Scripts of a server whose power-off task goes through these updates. */
function watched(updates: readonly ReturnType<Script>[]) {
  const versions: (string | undefined)[] = [];
  const collectors: string[] = [];
  let next = 0;
  const scripts: Record<string, Script> = {
    PowerOffVM_Task: () => '<returnval type="Task">task-1</returnval>',
    CreatePropertyCollector: () => {
      collectors.push(`pc-${collectors.length + 1}`);
      return `<returnval type="PropertyCollector">${collectors.at(-1)}</returnval>`;
    },
    DestroyPropertyCollector: () => '',
    CreateFilter: () => '<returnval type="PropertyFilter">f-1</returnval>',
    DestroyPropertyFilter: () => '',
    WaitForUpdatesEx: (body) => {
      versions.push(/<version>(.*?)<\/version>/.exec(body)?.[1]);
      return updates[next++] ?? '';
    },
  };
  return { scripts, versions, collectors };
}

test('versions are handed back, truncated updates are read on, and empty waits go on', async () => {
  const { scripts, versions } = watched([
    update('1', taskObject('enter', running), true),
    '',
    update('2', taskObject('modify', change('info.progress', '<val xsi:type="xsd:int">40</val>'))),
    update('3', taskObject('modify', success)),
  ]);
  await using client = await scriptedClient(scripts);
  await client.connection.powerOff('vm-1', client.signal);
  assert.deepEqual(versions, ['', '1', '1', '2']);
  await until(() => client.server.calls.includes('DestroyPropertyFilter'));
});

test('after a broken wait a new collector starts from the beginning', async () => {
  const { scripts, versions, collectors } = watched([
    update('7', taskObject('enter', running)),
    { status: 200, text: '<?xml version="1.0"?><cut' },
    update('1', taskObject('enter', success)),
  ]);
  await using client = await scriptedClient(scripts);
  await client.connection.powerOff('vm-1', client.signal);
  assert.deepEqual(versions, ['', '7', '']);
  assert.deepEqual(collectors, ['pc-1', 'pc-2']);
});

test('a failed task becomes an error with the fault in it', async () => {
  const error =
    '<val xsi:type="LocalizedMethodFault"><fault xsi:type="FileLocked"><file>[a] b.vmdk</file></fault><localizedMessage>Unable to access file</localizedMessage></val>';
  const failed =
    change('info.state', '<val xsi:type="TaskInfoState">error</val>') + change('info.error', error);
  const { scripts } = watched([update('1', taskObject('enter', failed))]);
  await using client = await scriptedClient(scripts);
  await assert.rejects(
    client.connection.powerOff('vm-1', client.signal),
    (thrown: Error & { code?: string; details?: object }) => {
      assert.equal(thrown.code, 'busy');
      assert.deepEqual(thrown.details, {
        fault: 'FileLocked',
        method: 'PowerOffVM_Task',
        object: 'vm-1',
        file: '[a] b.vmdk',
      });
      return true;
    },
  );
});

/** The state that is looked at when a task's end stays unknown. */
function power(state: string): Record<string, Script> {
  return {
    RetrievePropertiesEx: (body) =>
      body.includes('powerState')
        ? `<returnval><objects><obj type="VirtualMachine">vm-1</obj><propSet><name>runtime.powerState</name><val xsi:type="VirtualMachinePowerState">${state}</val></propSet></objects></returnval>`
        : '<returnval><objects><obj type="VirtualMachine">vm-1</obj></objects></returnval>',
  };
}

const forgetful: readonly (readonly [string, ReturnType<Script>])[] = [
  ['leaves the filter', update('1', taskObject('leave', ''))],
  [
    'is reported missing',
    update(
      '1',
      '<missingSet><obj type="Task">task-1</obj><fault><fault xsi:type="ManagedObjectNotFound"/><localizedMessage/></fault></missingSet>',
    ),
  ],
];

for (const [name, answer] of forgetful)
  test(`when a task ${name} the effect is looked at`, async () => {
    const { scripts } = watched([answer]);
    await using client = await scriptedClient({ ...scripts, ...power('poweredOff') });
    await client.connection.powerOff('vm-1', client.signal);
    const again = watched([answer]);
    await using other = await scriptedClient({ ...again.scripts, ...power('poweredOn') });
    await assert.rejects(other.connection.powerOff('vm-1', other.signal), {
      code: 'not-found',
      message: /no longer knows the vim task task-1/,
    });
  });

test('a task that is gone before it could be watched is not waited for', async () => {
  const { scripts } = watched([]);
  const gone = soapFault('ManagedObjectNotFound', 'gone', '<obj type="Task">task-1</obj>');
  await using client = await scriptedClient({
    ...scripts,
    ...power('poweredOff'),
    CreateFilter: () => gone,
  });
  await client.connection.powerOff('vm-1', client.signal);
  assert.ok(client.server.calls.includes('RetrievePropertiesEx'), 'the effect was looked at');
});

test('updates of tasks that nobody waits for are passed over', async () => {
  const { scripts } = watched([
    update('1', taskObject('modify', success, 'task-9')),
    update('2', taskObject('enter', success)),
  ]);
  await using client = await scriptedClient(scripts);
  await client.connection.powerOff('vm-1', client.signal);
});

test('several may wait for one task', async () => {
  const { scripts } = watched([
    update('1', taskObject('enter', running)),
    '',
    '',
    update('2', taskObject('modify', success)),
  ]);
  await using client = await scriptedClient(scripts);
  const both = [
    client.connection.powerOff('vm-1', client.signal),
    client.connection.powerOff('vm-1', client.signal),
  ];
  await Promise.all(both);
});

test('a task that may not be watched fails alone', async () => {
  const { scripts } = watched([]);
  const denied = soapFault(
    'NoPermission',
    'no',
    '<object type="Task">task-1</object><privilegeId>System.Read</privilegeId>',
  );
  await using client = await scriptedClient({ ...scripts, CreateFilter: () => denied });
  await assert.rejects(client.connection.powerOff('vm-1', client.signal), {
    code: 'no-permission',
  });
});

const bad: readonly (readonly [string, ReturnType<Script>])[] = [
  ['answers what is no XML', { status: 200, text: '<?xml version="1.0"?><cut' }],
  ['is always starting', { status: 503, text: 'starting' }],
  ['has lost its collectors', soapFault('ManagedObjectNotFound', 'gone', '<obj type="x">y</obj>')],
];

for (const [name, answer] of bad)
  test(`a server that ${name} is not waited on for ever`, async () => {
    const clock = skippingClock();
    const { scripts } = watched([]);
    const look = power('poweredOn');
    await using client = await scriptedClient(
      { ...scripts, ...look, WaitForUpdatesEx: () => answer },
      clock,
    );
    const startMs = clock.now();
    await assert.rejects(client.connection.powerOff('vm-1', client.signal), {
      code: 'unreachable',
      message: /Nothing was heard of the vim task task-1 for 10 minutes.*unknown/,
      details: { task: 'task-1', outcome: 'unknown' },
    });
    const waitedMs = clock.now() - startMs;
    assert.ok(waitedMs >= 600_000 && waitedMs < 660_000, `${waitedMs} ms`);
    assert.ok(client.server.calls.includes('RetrievePropertiesEx'), 'the effect was looked at');
  });

test('each answer starts the time anew, however long the task takes', async () => {
  const clock = skippingClock();
  let calls = 0;
  const { scripts } = watched([]);
  await using client = await scriptedClient(
    {
      ...scripts,
      WaitForUpdatesEx: () => {
        calls++;
        if (calls === 120) return update('2', taskObject('enter', success));
        return calls % 40 === 0
          ? update('1', taskObject('enter', running))
          : { status: 503, text: 'busy' };
      },
    },
    clock,
  );
  const startMs = clock.now();
  await client.connection.powerOff('vm-1', client.signal);
  assert.ok(clock.now() - startMs > 2 * 600_000, 'longer than the limit in all');
});
