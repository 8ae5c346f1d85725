import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoVm, eventually, smallLab } from './lab-fixture.ts';
import { child, SoapClient, SoapFault, textAt } from './soap-client.ts';

const time = '<_this type="ServiceInstance">ServiceInstance</_this>';

function snapshotBody(vm: string): string {
  return `<_this type="VirtualMachine">${vm}</_this><name>s</name><memory>false</memory><quiesce>false</quiesce>`;
}

test('SOAP faults strike the calls that they name, after `skip` and `times` often', async () => {
  await using lab = await smallLab();
  const client = await SoapClient.login(lab);
  const data = { reason: 'restarting' };
  await lab.addFaults([
    {
      on: 'CurrentTime',
      skip: 1,
      times: 2,
      action: { kind: 'soap-fault', type: 'SystemError', data },
    },
  ]);
  const outcomes: string[] = [];
  for (let i = 0; i < 4; i++)
    outcomes.push(
      await client.call('CurrentTime', time).then(
        () => 'ok',
        (thrown: unknown) => (thrown instanceof SoapFault ? thrown.type : String(thrown)),
      ),
    );
  assert.deepEqual(outcomes, ['ok', 'SystemError', 'SystemError', 'ok']);
  assert.deepEqual(await lab.unusedFaults(), []);
});

test('a fault that could not be sent is refused when it is queued, and nothing is queued', async () => {
  await using lab = await smallLab();
  const queue = (type: string, data?: Readonly<Record<string, unknown>>) =>
    lab.addFaults([
      { on: 'CurrentTime', action: { kind: 'drop' } },
      {
        on: 'ReconfigVM_Task',
        action: { kind: 'task-error', type, ...(data === undefined ? {} : { data }) },
      },
    ]);
  await assert.rejects(queue('FileLocked'), {
    message: /fault rule for ReconfigVM_Task .* left out FileLocked\.file; .* action\.data/,
  });
  await assert.rejects(queue('FileLockedd'), { message: /no type FileLockedd/ });
  await assert.rejects(queue('TaskInProgress', { task: 'task-1' }), { message: /not complete/ });
  const client = await SoapClient.login(lab);
  await client.call('CurrentTime', time);
});

test('a fault for one object leaves the others alone', async () => {
  await using lab = await smallLab();
  const { moref } = await demoVm(lab);
  const client = await SoapClient.login(lab);
  await lab.addFaults([
    {
      on: 'CreateSnapshot_Task',
      object: 'demo-app',
      action: { kind: 'soap-fault', type: 'HostNotConnected' },
    },
  ]);
  const other = (await lab.state()).vms.find((vm) => vm.moref !== moref)!;
  await client.task('CreateSnapshot_Task', snapshotBody(other.moref));
  await assert.rejects(
    client.task('CreateSnapshot_Task', snapshotBody(moref)),
    (thrown) => thrown instanceof SoapFault && thrown.type === 'HostNotConnected',
  );
});

test('connections dropped before, and answers lost after the work', async () => {
  await using lab = await smallLab();
  const { moref } = await demoVm(lab);
  const client = await SoapClient.login(lab);
  await lab.addFaults([
    { on: 'CreateSnapshot_Task', action: { kind: 'drop' } },
    { on: 'CreateSnapshot_Task', skip: 1, action: { kind: 'lose-answer' } },
  ]);
  const snapshots = async (): Promise<number> =>
    (await lab.state()).vms.find((vm) => vm.moref === moref)!.snapshots.length;
  await assert.rejects(client.call('CreateSnapshot_Task', snapshotBody(moref)), {
    code: 'ECONNRESET',
  });
  assert.equal(await snapshots(), 0);
  await assert.rejects(client.call('CreateSnapshot_Task', snapshotBody(moref)), {
    code: 'ECONNRESET',
  });
  await eventually(async () => (await snapshots()) === 1);
});

test('503, expired connection, delay', async () => {
  await using lab = await smallLab();
  const client = await SoapClient.login(lab);
  await lab.addFaults([
    { on: '*', action: { kind: 'http-503' } },
    { on: '*', skip: 1, action: { kind: 'delay', ms: 50 } },
    { on: 'CurrentTime', skip: 2, action: { kind: 'expire-connection' } },
  ]);
  await assert.rejects(client.call('CurrentTime', time), { message: '503' });
  const start = Date.now();
  await client.call('CurrentTime', time);
  assert.ok(Date.now() - start >= 45);
  const expired = (thrown: unknown): boolean =>
    thrown instanceof SoapFault && thrown.type === 'NotAuthenticated';
  await assert.rejects(client.call('CurrentTime', time), expired);
  await assert.rejects(client.call('CurrentTime', time), expired);
  assert.equal((await lab.state()).connections, 0);
});

test('vim tasks that fail before or after their effect, and one that never ends but can be cancelled', async () => {
  await using lab = await smallLab();
  const { moref } = await demoVm(lab);
  const client = await SoapClient.login(lab);
  await lab.addFaults([
    { on: 'CreateSnapshot_Task', action: { kind: 'task-error', type: 'FilesystemQuiesceFault' } },
    {
      on: 'CreateSnapshot_Task',
      skip: 1,
      action: { kind: 'task-error', type: 'Timedout', afterEffect: true },
    },
    { on: 'CreateSnapshot_Task', skip: 2, action: { kind: 'task-never-ends' } },
  ]);
  const fails = (type: string) => (thrown: unknown) =>
    thrown instanceof SoapFault && thrown.type === type;
  await assert.rejects(
    client.task('CreateSnapshot_Task', snapshotBody(moref)),
    fails('FilesystemQuiesceFault'),
  );
  assert.equal((await lab.state()).vms.find((vm) => vm.moref === moref)!.snapshots.length, 0);
  await assert.rejects(client.task('CreateSnapshot_Task', snapshotBody(moref)), fails('Timedout'));
  assert.equal((await lab.state()).vms.find((vm) => vm.moref === moref)!.snapshots.length, 1);
  const endless = child(
    await client.call('CreateSnapshot_Task', snapshotBody(moref)),
    'returnval',
  ).text;
  await eventually(async () => (await lab.state()).openTasks.includes(endless));
  await client.call('CancelTask', `<_this type="Task">${endless}</_this>`);
  await assert.rejects(client.taskEnd(endless), fails('RequestCanceled'));
});

test('a lab with faults that were never hit does not end quietly', async () => {
  const lab = await smallLab();
  await lab.addFaults([{ on: 'Destroy_Task', action: { kind: 'drop' } }]);
  const dispose = async (): Promise<void> => {
    await lab[Symbol.asyncDispose]();
  };
  await assert.rejects(dispose, /never hit.*Destroy_Task/);
});

test('a denied privilege gives NoPermission that names it, and shows in the privilege check', async () => {
  await using lab = await smallLab();
  const { moref } = await demoVm(lab);
  const client = await SoapClient.login(lab);
  const privilege = 'VirtualMachine.State.CreateSnapshot';
  await lab.setPrivileges([{ privilege, object: moref }]);
  await assert.rejects(
    client.call('CreateSnapshot_Task', snapshotBody(moref)),
    (thrown) =>
      thrown instanceof SoapFault &&
      thrown.type === 'NoPermission' &&
      textAt(thrown.detail, 'privilegeId') === privilege &&
      textAt(thrown.detail, 'object') === moref,
  );
  const answer = await client.call(
    'HasPrivilegeOnEntities',
    `<_this type="AuthorizationManager">AuthorizationManager</_this><entity type="VirtualMachine">${moref}</entity><sessionId>x</sessionId><privId>${privilege}</privId><privId>System.Read</privId>`,
  );
  const granted = child(answer, 'returnval').children.filter(
    (each) => each.name === 'privAvailability',
  );
  assert.deepEqual(
    granted.map((each) => textAt(each, 'isGranted')),
    ['false', 'true'],
  );
});

test('a wrong password and calls before login are refused', async () => {
  await using lab = await smallLab();
  await assert.rejects(
    SoapClient.login({ ...lab, password: 'wrong' }),
    (thrown) => thrown instanceof SoapFault && thrown.type === 'InvalidLogin',
  );
  const client = new SoapClient(lab);
  const content = await client.call('RetrieveServiceContent', time);
  assert.equal(textAt(content, 'returnval', 'about', 'apiType'), 'VirtualCenter');
  await assert.rejects(
    client.call('CurrentTime', time),
    (thrown) => thrown instanceof SoapFault && thrown.type === 'NotAuthenticated',
  );
  const loggedIn = await SoapClient.login(lab);
  assert.match(loggedIn.cookie!, /^vmware_soap_session="[0-9a-f]+"$/);
  await loggedIn.call('Logout', '<_this type="SessionManager">SessionManager</_this>');
  await assert.rejects(loggedIn.call('CurrentTime', time));
});
