import assert from 'node:assert/strict';
import { test } from 'node:test';

import { propertyScripts, stringVal } from './property-script.ts';
import { scriptedClient } from './scripted-client.ts';
import type { Script } from './scripted-server.ts';

const cis = '/rest/com/vmware/cis';
const vms = propertyScripts({
  'vm-1': { type: 'VirtualMachine', values: { name: stringVal('one') } },
  'vm-2': { type: 'VirtualMachine', values: { name: stringVal('two') } },
});
const json = (value: unknown): Script => {
  return () => ({ status: 200, text: JSON.stringify({ value }) });
};
const service: Readonly<Record<string, Script>> = {
  [`POST ${cis}/session`]: json('token-1'),
  [`DELETE ${cis}/session`]: json({}),
  [`GET ${cis}/tagging/tag`]: json(['t:1', 't:2', 't:3']),
  [`GET ${cis}/tagging/tag/id:t%3A1`]: json({ name: 'Gold', category_id: 'c:1' }),
  [`GET ${cis}/tagging/category/id:c%3A1`]: json({ name: 'Backup' }),
  [`POST ${cis}/tagging/tag-association?~action=list-attached-objects-on-tags`]: json([
    { tag_id: 't:1', object_ids: [{ id: 'vm-2', type: 'VirtualMachine' }] },
    { tag_id: 't:3', object_ids: null },
    { tag_id: 't:2', object_ids: [{ id: 'vm-1', type: 'VirtualMachine' }] },
  ]),
};

async function tagsWith(scripts: Readonly<Record<string, Script>>) {
  await using client = await scriptedClient({ ...vms, ...scripts });
  const listed = await client.connection.listVms(client.signal);
  await client.connection.listVms(client.signal);
  const { calls, requests } = client.server;
  return {
    tags: listed.map(({ where }) => where.tags),
    calls: calls.filter((call) => call.includes('/rest/')),
    headers: requests.filter(({ operation }) => operation.includes('/rest/')).map((r) => r.headers),
  };
}

test('tags come with a login of their own, which is given back; one that went meanwhile is left out', async () => {
  const { tags, calls, headers } = await tagsWith(service);
  assert.deepEqual(tags, [[], ['Backup/Gold']]);
  assert.equal(calls[0], `POST ${cis}/session`);
  assert.equal(calls.at(-1), `DELETE ${cis}/session`);
  assert.equal(calls.filter((call) => call === calls[0]).length, 1, 'two lists, one reading');
  const credentials = Buffer.from('backup@vsphere.local:pass-<word>&1').toString('base64');
  assert.equal(headers[0]!['authorization'], `Basic ${credentials}`);
  for (const { authorization, cookie, ...rest } of headers.slice(1)) {
    assert.equal(authorization, undefined);
    assert.equal(cookie, undefined, "the SOAP login's cookie goes nowhere else");
    assert.equal(rest['vmware-api-session-id'], 'token-1');
  }
});

test('a server without that service has no tags; one that fails has unknown ones', async () => {
  assert.deepEqual((await tagsWith({})).tags, [[], []]);
  for (const status of [401, 403, 503]) {
    const failing: Script = () => ({ status, text: 'no' });
    const { tags } = await tagsWith({ ...service, [`POST ${cis}/session`]: failing });
    assert.deepEqual(tags, [undefined, undefined], String(status));
  }
  let asked = 0;
  const tired: Script = (body) => (asked++ === 0 ? { status: 503, text: '' } : json('t')(body));
  const { tags: late } = await tagsWith({ ...service, [`POST ${cis}/session`]: tired });
  assert.deepEqual(late, [[], ['Backup/Gold']], 'one that needs a moment is asked again');
  const broken: Script = () => ({ status: 200, text: '{"value":{}}' });
  const { tags, calls } = await tagsWith({
    ...service,
    [`GET ${cis}/tagging/category/id:c%3A1`]: broken,
  });
  assert.deepEqual(tags, [undefined, undefined]);
  assert.equal(calls.at(-1), `DELETE ${cis}/session`);
});
