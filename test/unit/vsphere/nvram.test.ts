import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptedClient } from './scripted-client.ts';
import type { Script } from './scripted-server.ts';

function object(moref: string, type: string, properties: Readonly<Record<string, string>>): string {
  const propSet = Object.entries(properties).map(
    ([name, val]) => `<propSet><name>${name}</name>${val}</propSet>`,
  );
  return `<objects><obj type="${type}">${moref}</obj>${propSet.join('')}</objects>`;
}

function text(value: string): string {
  return `<val xsi:type="xsd:string">${value}</val>`;
}

/** A VM in "Süd 1/vm", its files as given; the datastore's answers to GET and PUT. */
function vmWith(files: string, http: Readonly<Record<string, Script>>): Record<string, Script> {
  const parent = (type: string, moref: string): string =>
    `<val xsi:type="ManagedObjectReference" type="${type}">${moref}</val>`;
  return {
    RetrievePropertiesEx: (body) =>
      body.includes('layoutEx.file')
        ? `<returnval>${object('vm-1', 'VirtualMachine', {
            'config.files.vmPathName': text('[ds 1] web 1/web 1.vmx'),
            'layoutEx.file': `<val xsi:type="ArrayOfVirtualMachineFileLayoutExFileInfo">${files}</val>`,
          })}</returnval>`
        : `<returnval>${object('vm-1', 'VirtualMachine', { name: text('web'), parent: parent('Folder', 'group-v1') })}${object('group-v1', 'Folder', { name: text('vm'), parent: parent('Datacenter', 'datacenter-1') })}${object('datacenter-1', 'Datacenter', { name: text('Süd 1'), parent: parent('Folder', 'group-d1') })}</returnval>`,
    ...http,
  };
}

const laidOut =
  '<VirtualMachineFileLayoutExFileInfo><key>1</key><name>[ds 1] other/x&amp;y.nvram</name><type>nvram</type><size>1</size></VirtualMachineFileLayoutExFileInfo>';
const query = '?dcPath=S%C3%BCd+1&dsName=ds+1';
const data = new Uint8Array([0x4d, 0x52, 0x56, 0x4e]);
const write = { vmMoref: 'vm-1', data };

test('the file goes where vSphere says that it is', async () => {
  let sent = '';
  const url = `PUT /folder/other/x%26y.nvram${query}`;
  await using client = await scriptedClient(
    vmWith(laidOut, {
      [url]: (body) => {
        sent = body;
        return { status: 201, text: '' };
      },
    }),
  );
  await client.connection.writeNvram(write, client.signal);
  assert.equal(sent, 'MRVN');
  const { headers } = client.server.requests.find(({ operation }) => operation === url)!;
  assert.equal(headers['cookie'], 'vmware_soap_session="abc/def=="');
});

test('a VM that has none yet gets it where its host will look', async () => {
  const url = `PUT /folder/web%201/web%201.nvram${query}`;
  await using client = await scriptedClient(
    vmWith('', { [url]: () => ({ status: 200, text: '' }) }),
  );
  await client.connection.writeNvram(write, client.signal);
  assert.ok(client.server.calls.includes(url));
  assert.equal(await client.connection.readNvram('vm-1', client.signal), undefined);
});

test('a login that has expired and a server that is busy are no reason to fail', async () => {
  const answers = [401, 503, 201];
  const url = `PUT /folder/other/x%26y.nvram${query}`;
  await using client = await scriptedClient(
    vmWith(laidOut, { [url]: () => ({ status: answers.shift() ?? 500, text: '' }) }),
  );
  await client.connection.writeNvram(write, client.signal);
  assert.equal(client.server.calls.filter((name) => name === 'Login').length, 2);
  assert.deepEqual(answers, []);
});

test('a refusal says which privileges are missing', async () => {
  const url = `PUT /folder/other/x%26y.nvram${query}`;
  await using client = await scriptedClient(
    vmWith(laidOut, { [url]: () => ({ status: 403, text: '' }) }),
  );
  await assert.rejects(client.connection.writeNvram(write, client.signal), {
    code: 'no-permission',
    message: /Datastore\.FileManagement/,
  });
});
