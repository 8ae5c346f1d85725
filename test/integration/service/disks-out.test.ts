import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';

import type { RunView } from '#core/api.ts';
import type { Lab } from '#test/lab/lab.ts';
import { startNbd } from '#test/support/nbd-process.ts';

import { openBench } from './bench.ts';

const run = promisify(execFile);

/** The disks of the VM as the lab's newest snapshot froze them, by key. */
async function frozenDisks(lab: Lab): Promise<ReadonlyMap<string, Buffer>> {
  const folders = (await readdir(lab.captureDir)).toSorted(
    (a, b) => Number(a.replaceAll(/\D/g, '')) - Number(b.replaceAll(/\D/g, '')),
  );
  const folder = join(lab.captureDir, folders.at(-1)!);
  const disks = new Map<string, Buffer>();
  for (const file of (await readdir(folder)).toSorted())
    disks.set(String(Number.parseInt(file, 10)), await readFile(join(folder, file)));
  return disks;
}

it('a restore point becomes an OVA, an image and an NBD server, by its id alone', async () => {
  await using bench = await openBench();
  const { lab, programs, repositoryRoot } = bench;
  await lab.setCapture({ on: true });
  for (const words of [bench.addEndpoint, ['repository', 'add', 'main', repositoryRoot]]) {
    const { code, err } = await programs.cli(words);
    assert.equal(code, 0, err);
  }
  await lab.startGuestWriter({ vm: 'demo-app', bytesPerSecond: 4 * 1024 * 1024, seed: 5 });
  await programs.json<RunView>(['backup', 'run', 'demo-app']);
  const { tasks } = await programs.json<RunView>(['backup', 'run', 'demo-app']);
  const id = String(tasks[0]!.result!['restorePointId']);
  const point = await programs.json<{
    header: { kind: string; disks: { key: number; label: string; capacityBytes: number }[] };
  }>(['restore-point', 'show', id]);
  assert.equal(point.header.kind, 'incremental');
  const frozen = await frozenDisks(lab);
  const { disks } = point.header;
  assert.equal(disks.length, frozen.size);

  const ova = join(programs.folder, 'app.ova');
  const exported = await programs.cli(['export', id, '--format', 'ova', '--output', ova]);
  // Its NVRAM cannot go along, which is said.
  assert.equal(exported.code, 3, exported.err);
  assert.match(exported.err, /Not in the OVA: the EFI settings/);
  await run('tar', ['-xf', ova, '-C', programs.folder]);
  for (const [index, { key }] of disks.entries()) {
    const image = join(programs.folder, `demo-app-disk${index + 1}.vmdk`);
    await run('qemu-img', ['convert', '-f', 'vmdk', '-O', 'raw', image, `${image}.raw`]);
    assert.ok((await readFile(`${image}.raw`)).equals(frozen.get(String(key))!), image);
  }
  const ovf = await readFile(join(programs.folder, 'demo-app.ovf'), 'utf8');
  assert.match(ovf, /<Name>demo-app<\/Name>/);
  assert.match(ovf, new RegExp(`ovf:capacity="${disks[0]!.capacityBytes}"`));

  const { label, key } = disks.at(-1)!;
  const image = join(programs.folder, 'last.raw');
  const raw = await programs.cli(['export', id, '--disk', label, '--output', image]);
  assert.deepEqual([raw.code, raw.out], [0, `${image}\n`]);
  assert.ok((await readFile(image)).equals(frozen.get(String(key))!));

  await using nbd = await startNbd(['nbd', id], programs.dataDir);
  assert.deepEqual(
    [...nbd.uris.keys()],
    disks.map((each) => each.label),
  );
  await run('qemu-img', ['compare', '-f', 'raw', '-F', 'raw', nbd.uris.get(label)!, image]);

  const none = await programs.cli(['export', 'nobody']);
  assert.equal(none.code, 4, none.err);
});
