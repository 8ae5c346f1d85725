import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { takeStock } from '#repository/stock.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const { signal } = new AbortController();
const vm = 'app_5000a9a2-0000-4000-8000-000000000001';
const name = (n: number) => `20260102T03040${n}Z_full_aaaaaaaaaaaaaaa${n}.tar`;

test('archives are told by name and size, whatever else lies there', async () => {
  await using dir = await temporaryFolder();
  await mkdir(dir.join(vm));
  const file = (leaf: string) => dir.join(vm, leaf);
  await writeFile(file(name(1)), 'x'.repeat(10));
  await writeFile(file(`${name(2)}.zst.age`), 'x'.repeat(20));
  await writeFile(file(`${name(2)}.zst.age.facts.json`), '{}');
  await writeFile(file(`${name(3)}.partial`), 'x');
  await writeFile(file('notes.txt'), 'x');
  await writeFile(dir.join('lost.tar'), 'x');
  await symlink(file(name(1)), file(name(4)));
  assert.deepEqual(await takeStock(dir.path, signal), {
    archives: [
      { path: `${vm}/${name(1)}`, bytes: 10 },
      { path: `${vm}/${name(2)}.zst.age`, bytes: 20 },
    ],
    partials: [`${vm}/${name(3)}`],
  });
});

test('a folder that cannot be listed, and a caller who leaves, get no half answer', async () => {
  await using dir = await temporaryFolder();
  await assert.rejects(takeStock(dir.join('nowhere'), signal), { code: 'repository' });
  await mkdir(dir.join(vm));
  await writeFile(dir.join(vm, name(1)), 'x');
  await assert.rejects(takeStock(dir.path, AbortSignal.abort(new Error('gone'))), /gone/);
});
