import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import type { SavedVm } from '#ovf/saved-vm.ts';
import { vmDescriptor, type VmDisk } from '#ovf/vm-descriptor.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const run = promisify(execFile);
/** DMTF's schemas are not ours to copy: docs/appliance.md says where they are looked for. */
const shared = join(import.meta.dirname, '../../../../shared');
const schemas = process.env['COLDFRAME_OVF_XSD'] ?? join(shared, 'data/ovf-xsd');

const vm: SavedVm = {
  cpus: 2,
  coresPerSocket: 1,
  memoryMiB: 2048,
  guestId: 'windows2019srv_64Guest',
  firmware: 'efi',
  secureBoot: true,
  hardwareVersion: 19,
  networkCards: [
    { kind: 'VmxNet3', network: 'VM Network' },
    { kind: 'E1000e', network: 'VM Network' },
    { kind: 'VmxNet3', network: 'DMZ <&> "two"' },
  ],
  leftOut: [],
};

function disk(number: number, controller: VmDisk['controller']): VmDisk {
  const fileName = `web-disk${number}.vmdk`;
  return {
    fileName,
    fileBytes: 70_000,
    capacityBytes: 2 ** 30,
    populatedBytes: 65_536,
    controller,
  };
}

const ovf = vmDescriptor({
  name: 'web\u0007 "1" <&>',
  annotation: 'Restore point x',
  vm,
  disks: [
    disk(1, { kind: 'pvscsi', bus: 0, unit: 0 }),
    disk(2, { kind: 'pvscsi', bus: 0, unit: 1 }),
    disk(3, { kind: 'lsilogic-sas', bus: 1, unit: 0 }),
    disk(4, { kind: 'sata', bus: 0, unit: 0 }),
    disk(5, { kind: 'nvme', bus: 0, unit: 0 }),
    disk(6, { kind: 'ide', bus: 0, unit: 1 }),
  ],
});

async function xpath(file: string, expression: string): Promise<string> {
  const { stdout } = await run('xmllint', ['--nonet', '--xpath', expression, file]);
  return stdout.trim();
}

test('each disk hangs on its own controller, and names cannot break the document', async () => {
  await using dir = await temporaryFolder();
  const file = dir.join('vm.ovf');
  await writeFile(file, ovf);
  const item = (condition: string, field: string): Promise<string> =>
    xpath(file, `string(//*[local-name()='Item'][${condition}]/*[local-name()='${field}'])`);
  const of = (field: string, value: string): string => `*[local-name()='${field}']='${value}'`;
  const parents: string[] = [];
  for (let number = 1; number <= 6; number++) {
    const parent = await item(of('HostResource', `ovf:/disk/vmdisk${number}`), 'Parent');
    const type = await item(of('InstanceID', parent), 'ResourceSubType');
    const unit = await item(of('HostResource', `ovf:/disk/vmdisk${number}`), 'AddressOnParent');
    parents.push(`${parent} ${type} ${unit}`);
  }
  assert.deepEqual(parents, [
    '10 VirtualSCSI 0',
    '10 VirtualSCSI 1',
    '11 lsilogicsas 0',
    '12 vmware.sata.ahci 0',
    '13 vmware.nvme.controller 0',
    '14  1',
  ]);
  assert.equal(await xpath(file, "string(//*[local-name()='Name'])"), 'web? "1" <&>');
  assert.equal(await xpath(file, "count(//*[local-name()='Network'])"), '2');
  assert.equal(await item(of('ElementName', 'Network adapter 3'), 'Connection'), 'DMZ <&> "two"');
  assert.equal(
    await xpath(file, "string(//*[local-name()='Config'][1]/@*[local-name()='value'])"),
    'efi',
  );
});

const schema = join(schemas, 'ovf-envelope.xsd');
const skip = existsSync(schema)
  ? false
  : `there is no ${schema}; set COLDFRAME_OVF_XSD to the folder with DMTF's schemas`;
test("is valid by DMTF's schema", { skip }, async () => {
  await using dir = await temporaryFolder();
  const file = dir.join('vm.ovf');
  await writeFile(file, ovf);
  await run('xmllint', ['--nonet', '--noout', '--schema', schema, file]);
});
