import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lab } from '#test/lab/lab.ts';
import type { XmlElement } from '#test/lab/soap/xml.ts';
import { demoVm, smallLab } from './lab-fixture.ts';
import { child, SoapClient, SoapFault, textAt } from './soap-client.ts';

const collector = '<_this type="PropertyCollector">propertyCollector</_this>';

async function containerView(client: SoapClient): Promise<string> {
  const answer = await client.call(
    'CreateContainerView',
    '<_this type="ViewManager">ViewManager</_this><container type="Folder">group-d1</container><type>VirtualMachine</type><recursive>true</recursive>',
  );
  return child(answer, 'returnval').text;
}

function viewFilter(view: string, paths: readonly string[]): string {
  const set = paths.map((path) => `<pathSet>${path}</pathSet>`).join('');
  return `<propSet><type>VirtualMachine</type>${set}</propSet><objectSet><obj type="ContainerView">${view}</obj><skip>true</skip><selectSet xsi:type="TraversalSpec"><name>v</name><type>ContainerView</type><path>view</path><skip>false</skip></selectSet></objectSet>`;
}

async function wait(
  client: SoapClient,
  version: string,
  seconds: number,
  max?: number,
): Promise<XmlElement | undefined> {
  const limit = max === undefined ? '' : `<maxObjectUpdates>${max}</maxObjectUpdates>`;
  const answer = await client.call(
    'WaitForUpdatesEx',
    `${collector}<version>${version}</version><options><maxWaitSeconds>${seconds}</maxWaitSeconds>${limit}</options>`,
  );
  return answer.children[0];
}

function updates(set: XmlElement | undefined): XmlElement[] {
  return (set?.children ?? [])
    .filter((each) => each.name === 'filterSet')
    .flatMap((filter) => filter.children.filter((each) => each.name === 'objectSet'));
}

async function addVms(lab: Lab, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await lab.addVm({ name: `extra ${i}`, disks: [] });
}

test('large answers come in pages that a token continues', async () => {
  await using lab = await smallLab();
  await addVms(lab, 5);
  const client = await SoapClient.login(lab);
  const specs = `<specSet>${viewFilter(await containerView(client), ['name'])}</specSet>`;
  const names: string[] = [];
  let answer = await client.call(
    'RetrievePropertiesEx',
    `${collector}${specs}<options><maxObjects>3</maxObjects></options>`,
  );
  let pages = 0;
  for (;;) {
    const objects = answer.children[0]!.children.filter((each) => each.name === 'objects');
    assert.ok(objects.length <= 3);
    names.push(...objects.map((each) => textAt(each, 'propSet', 'val')!));
    pages++;
    const token = textAt(answer, 'returnval', 'token');
    if (token === undefined) break;
    answer = await client.call(
      'ContinueRetrievePropertiesEx',
      `${collector}<token>${token}</token>`,
    );
    await assert.rejects(
      client.call('ContinueRetrievePropertiesEx', `${collector}<token>${token}</token>`),
    );
  }
  assert.equal(pages, 3);
  assert.equal(new Set(names).size, 7);
  await assert.rejects(
    client.call(
      'RetrievePropertiesEx',
      `${collector}${specs}<options><maxObjects>0</maxObjects></options>`,
    ),
    (thrown) => thrown instanceof SoapFault && thrown.type === 'InvalidArgument',
  );
});

test('the folder tree is walked by recursive traversal', async () => {
  await using lab = await smallLab();
  const client = await SoapClient.login(lab);
  const traverse = (name: string, type: string, path: string): string =>
    `<selectSet xsi:type="TraversalSpec"><name>${name}</name><type>${type}</type><path>${path}</path><skip>false</skip><selectSet><name>folder</name></selectSet><selectSet><name>dc</name></selectSet></selectSet>`;
  const answer = await client.call(
    'RetrievePropertiesEx',
    `${collector}<specSet><propSet><type>ManagedEntity</type><pathSet>name</pathSet></propSet><objectSet><obj type="Folder">group-d1</obj><skip>false</skip>${traverse('folder', 'Folder', 'childEntity')}${traverse('dc', 'Datacenter', 'vmFolder')}</objectSet></specSet><options/>`,
  );
  const names = answer.children[0]!.children.map((each) => textAt(each, 'propSet', 'val')!);
  assert.deepEqual(
    names.toSorted((a, b) => (a < b ? -1 : 1)),
    ['Datacenters', 'Lab', 'Production', 'coldframe', 'demo-app', 'vm'],
  );
});

test('unset properties are left out, unknown ones are an error, forbidden ones are reported', async () => {
  await using lab = await smallLab();
  const { moref } = await demoVm(lab);
  const client = await SoapClient.login(lab);
  const read = await client.properties(`VirtualMachine:${moref}`, [
    'name',
    'snapshot',
    'summary.config.numVirtualDisks',
    'parentVApp',
  ]);
  assert.deepEqual([...read.keys()], ['name', 'summary.config.numVirtualDisks']);
  for (const path of ['nonsense', 'config.nonsense', 'config.hardware.device.key'])
    await assert.rejects(
      client.properties(`VirtualMachine:${moref}`, [path]),
      (thrown) => thrown instanceof SoapFault && thrown.type === 'InvalidProperty',
    );
  await lab.setPrivileges([{ privilege: 'System.Read', object: moref }]);
  const answer = await client.call(
    'RetrievePropertiesEx',
    `${collector}<specSet><propSet><type>VirtualMachine</type><pathSet>name</pathSet><pathSet>config</pathSet></propSet><objectSet><obj type="VirtualMachine">${moref}</obj></objectSet></specSet><options/>`,
  );
  const missing = child(child(answer.children[0]!, 'objects'), 'missingSet');
  assert.equal(textAt(missing, 'path'), 'config');
  assert.equal(textAt(missing, 'fault', 'fault', 'privilegeId'), 'System.Read');
});

test('updates: enter, modify, leave, and a wait that really blocks', async () => {
  await using lab = await smallLab();
  const client = await SoapClient.login(lab);
  const view = await containerView(client);
  await client.call(
    'CreateFilter',
    `${collector}<spec>${viewFilter(view, ['name', 'runtime.powerState'])}</spec><partialUpdates>false</partialUpdates>`,
  );
  const first = await wait(client, '', 5);
  assert.deepEqual(
    updates(first).map((each) => textAt(each, 'kind')),
    ['enter', 'enter'],
  );
  let version = textAt(first!, 'version')!;
  assert.equal(await wait(client, version, 0), undefined);

  const pending = wait(client, version, 10);
  const { moref } = await demoVm(lab);
  await lab.power({ vm: moref, on: false });
  const second = await pending;
  const [modified] = updates(second);
  assert.equal(textAt(modified!, 'kind'), 'modify');
  assert.equal(textAt(modified!, 'changeSet', 'val'), 'poweredOff');
  assert.equal(updates(second).length, 1);

  const replayed = await wait(client, version, 0);
  assert.equal(textAt(replayed!, 'version'), textAt(second!, 'version'));
  version = textAt(second!, 'version')!;
  await lab.removeVm({ vm: moref });
  const third = await wait(client, version, 5);
  assert.equal(textAt(updates(third)[0]!, 'kind'), 'leave');
  await assert.rejects(
    wait(client, '777', 0),
    (thrown) => thrown instanceof SoapFault && thrown.type === 'InvalidCollectorVersion',
  );
});

test('updates come truncated when there are many', async () => {
  await using lab = await smallLab();
  await addVms(lab, 5);
  const client = await SoapClient.login(lab);
  await client.call(
    'CreateFilter',
    `${collector}<spec>${viewFilter(await containerView(client), ['name'])}</spec><partialUpdates>false</partialUpdates>`,
  );
  const seen: string[] = [];
  let version = '';
  for (;;) {
    const set = (await wait(client, version, 1, 3))!;
    seen.push(...updates(set).map((each) => textAt(each, 'obj')!));
    version = textAt(set, 'version')!;
    if (textAt(set, 'truncated') !== 'true') break;
    assert.equal(updates(set).length, 3);
  }
  assert.equal(new Set(seen).size, 7);
});

test('a wait ends when it is cancelled, and with its collector and connection', async () => {
  await using lab = await smallLab();
  const canceled = (thrown: unknown): boolean =>
    thrown instanceof SoapFault && thrown.type === 'RequestCanceled';
  const client = await SoapClient.login(lab);
  const first = wait(client, '', 30);
  await new Promise((resolve) => setTimeout(resolve, 30));
  await client.call('CancelWaitForUpdates', collector);
  await assert.rejects(first, canceled);
  const second = wait(client, '', 30);
  await new Promise((resolve) => setTimeout(resolve, 30));
  await lab.expireConnections();
  await assert.rejects(second, canceled);
  await assert.rejects(
    client.call('CurrentTime', '<_this type="ServiceInstance">ServiceInstance</_this>'),
    (thrown) => thrown instanceof SoapFault && thrown.type === 'NotAuthenticated',
  );
});
