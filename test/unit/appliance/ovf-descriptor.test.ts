import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { ovfDescriptor } from '#appliance/ovf/descriptor.ts';
import { propertyCategories, propertyKeys } from '#appliance/ovf/properties.ts';

const run = promisify(execFile);
/** DMTF's schemas are not ours to copy: docs/appliance.md says where they are looked for. */
const shared = join(import.meta.dirname, '../../../../shared');
const schemas = process.env['COLDFRAME_OVF_XSD'] ?? join(shared, 'data/ovf-xsd');
/** Who names the folder, or has the shared one in CI, means to have the schemas in it. */
const expected =
  process.env['COLDFRAME_OVF_XSD'] !== undefined ||
  (process.env['CI'] === 'true' && existsSync(shared));

const disk = { fileBytes: 1000, capacityBytes: 2 ** 32, populatedBytes: 65_536 };
const ovf = ovfDescriptor({
  name: 'coldframe-1.2.3',
  version: '1.2.3',
  disks: [
    { ...disk, fileName: 'one.vmdk' },
    { ...disk, fileName: 'two & <three>.vmdk' },
  ],
});

describe('the OVF descriptor', () => {
  let folder = '';
  let file = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coldframe-ovf-'));
    file = join(folder, 'appliance.ovf');
    await writeFile(file, ovf);
  });
  after(() => rm(folder, { recursive: true }));

  /** Evaluates an XPath that ignores namespaces by local-name(). */
  async function xpath(expression: string): Promise<string> {
    return (await run('xmllint', ['--nonet', '--xpath', expression, file])).stdout.trim();
  }
  const any = (name: string, condition = '') => `//*[local-name()='${name}']${condition}`;
  const child = (name: string) => `*[local-name()='${name}']`;

  test('is well formed and keeps odd characters', async () => {
    await run('xmllint', ['--nonet', '--noout', file]);
    assert.equal(
      await xpath(`string(${any('File')}[2]/@*[local-name()='href'])`),
      'two & <three>.vmdk',
    );
  });

  const schema = join(schemas, 'ovf-envelope.xsd');
  const skip =
    existsSync(schema) || expected
      ? false
      : `there is no ${schema}; set COLDFRAME_OVF_XSD to the folder with DMTF's schemas`;
  test('validates against the DMTF schema', { skip }, async () => {
    assert.ok(existsSync(schema), `there is no ${schema}`);
    await run('xmllint', ['--nonet', '--noout', '--schema', schema, file]);
    // The schema must be able to say no.
    const wrong = join(folder, 'wrong.ovf');
    await writeFile(wrong, ovf.replace('<DiskSection>', '<DiskSection><Nonsense/>'));
    await assert.rejects(run('xmllint', ['--nonet', '--noout', '--schema', schema, wrong]));
  });

  test('describes the machine that the appliance needs', async () => {
    assert.equal(await xpath(`string(${any('VirtualSystemType')})`), 'vmx-14');
    const controllers = any('Item', `[${child('ResourceSubType')}='VirtualSCSI']`);
    assert.equal(await xpath(`count(${controllers})`), '4');
    const parents = `${any('Item')}[${child('ResourceType')}=17]/${child('Parent')}`;
    assert.equal(await xpath(`count(${parents}[.='3'])`), '2', 'both disks on controller 0');
    assert.equal(await xpath(`count(${any('Item')}[${child('ResourceSubType')}='VmxNet3'])`), '1');
    const setting = (kind: string, key: string) =>
      xpath(`string(${any(kind)}[@*[local-name()='key']='${key}']/@*[local-name()='value'])`);
    assert.equal(await setting('ExtraConfig', 'disk.EnableUUID'), 'TRUE');
    assert.equal(await setting('Config', 'firmware'), 'efi');
  });

  test('offers two sizes, the standard one by default and last', async () => {
    const quantities = async (size: string) =>
      xpath(
        `concat(${any('Item')}[@*[local-name()='configuration']='${size}'][1]/${child('VirtualQuantity')}, '/', ${any('Item')}[@*[local-name()='configuration']='${size}'][2]/${child('VirtualQuantity')})`,
      );
    assert.equal(await quantities('small'), '2/4096');
    assert.equal(await quantities('standard'), '4/8192');
    assert.equal(
      await xpath(
        `string(${any('Configuration')}[@*[local-name()='default']='true']/@*[local-name()='id'])`,
      ),
      'standard',
    );
    assert.ok(
      ovf.lastIndexOf('configuration="standard"') > ovf.lastIndexOf('configuration="small"'),
    );
  });

  test('asks for every property once and hides the password', async () => {
    assert.deepEqual(
      propertyCategories.flatMap(({ properties }) => properties.map(({ key }) => key)).sort(),
      [...propertyKeys].sort(),
    );
    assert.equal(await xpath(`count(${any('Property')})`), String(propertyKeys.length));
    const hidden = `${any('Property')}[@*[local-name()='password']='true']`;
    assert.equal(await xpath(`count(${hidden})`), '1');
    assert.equal(await xpath(`string(${hidden}/@*[local-name()='key'])`), 'admin_password');
    assert.equal(
      await xpath(`string(${any('VirtualHardwareSection')}/@*[local-name()='transport'])`),
      'com.vmware.guestInfo iso',
    );
  });

  test('instance ids are unique within each size, fields are in the order RASD wants', () => {
    const items = ovf.match(/<Item[^]*?<\/Item>/g) ?? [];
    assert.equal(items.length, 11);
    const ids = items
      .filter((item) => !item.includes('configuration="small"'))
      .map((item) => /<rasd:InstanceID>(\d+)/.exec(item)?.[1]);
    assert.equal(new Set(ids).size, ids.length);
    for (const item of items) {
      const names = [...item.matchAll(/<rasd:(\w+)>/g)].map((match) => match[1] ?? '');
      assert.deepEqual(
        names,
        names.toSorted((a, b) => (a < b ? -1 : 1)),
        item,
      );
    }
  });
});
