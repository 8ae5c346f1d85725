import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { test } from 'node:test';

import { exportFormat, exportPaths } from '#cli/tool/export-target.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

test('names come from the VM and the disk; a folder is one that is there or ends with a slash', async () => {
  await using dir = await temporaryFolder();
  await mkdir(dir.join('there'));
  const of = (output: string | undefined, labels: readonly string[], format = 'raw') =>
    exportPaths({ format: exportFormat(format), baseName: 'web', labels, output });
  assert.deepEqual(await of(undefined, ['scsi0-0']), [resolve('web-scsi0-0.raw')]);
  assert.deepEqual(await of(dir.join('there'), ['a', 'b']), [
    dir.join('there', 'web-a.raw'),
    dir.join('there', 'web-b.raw'),
  ]);
  assert.deepEqual(await of(`${dir.join('new')}/`, ['a'], 'qcow2'), [
    dir.join('new', 'web-a.qcow2'),
  ]);
  assert.deepEqual(await of(dir.join('disk.img'), ['a']), [dir.join('disk.img')]);
  assert.deepEqual(await of(dir.join('x.ova'), ['a', 'b'], 'ova'), [dir.join('x.ova')]);
  await assert.rejects(of(dir.join('disk.img'), ['a', 'b']), { code: 'invalid-input' });
  assert.throws(() => exportFormat('vdi'), { code: 'invalid-input' });
});
