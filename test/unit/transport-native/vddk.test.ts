import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';

import { mixedBytes, startWorker, temporaryFolder } from './disk-fixture.ts';
import type { Folder } from './disk-fixture.ts';

const library = fileURLToPath(new URL('../../../native/build/Release/lab', import.meta.url));
const thumbprint = Array.from({ length: 20 }, () => 'AB').join(':');
const diskPath = '[store] app/app.vmdk';

/** A server with one VM, one snapshot and one disk for the stand-in library. */
async function labEnvironment(folder: Folder, raw: string, more = {}) {
  const map = join(folder.path, 'map');
  const rows = [
    ['server', 'vc.example', '443', thumbprint, 'backup', 'a pass phrase'],
    ['disk', 'vm-1', 'snapshot-2', diskPath, raw, 'hotadd:nbdssl:nbd', 'uuid-1', 'ro'],
    ['disk', 'vm-1', '-', diskPath, raw, 'hotadd:nbdssl:nbd', 'uuid-1', 'rw'],
  ];
  await writeFile(map, rows.map((row) => `${row.join('\t')}\n`).join(''));
  return {
    libDir: library,
    stateDir: join(folder.path, 'state'),
    env: { COLDFRAME_LAB_VDDK_MAP: map, ...more },
  };
}

const connection = (transport: string, password = 'a pass phrase') => ({
  server: 'vc.example',
  thumbprint,
  user: 'backup',
  password: new Secret(password),
  vmMoref: 'vm-1',
  snapshotMoref: 'snapshot-2',
  readOnly: true,
  transports: [transport],
});

test('disks are read through the library over every transport', async () => {
  await using folder = await temporaryFolder();
  const bytes = mixedBytes(12 * 1024 * 1024, 6);
  const raw = await folder.file('raw', bytes);
  await using worker = await startWorker(await labEnvironment(folder, raw));
  const info = await worker.loadLibrary();
  assert.equal(info.major, 8);
  assert.ok(info.transportModes.includes('hotadd'));
  for (const transport of ['hotadd', 'nbdssl', 'nbd']) {
    const link = await worker.connection(connection(transport));
    await link.connect();
    const disk = await link.open(diskPath, { readOnly: true });
    assert.equal(disk.info.transport, transport);
    assert.equal(disk.info.capacityBytes, bytes.length);
    const map = await disk.allocated();
    assert.ok(map !== undefined && map.length > 0);
    const copy = Buffer.alloc(bytes.length);
    for await (const { slots } of disk.read({ extents: map, compressLevel: 1 })) {
      for (const slot of slots) {
        slot.data.copy(copy, Number(slot.chunks.readBigUInt64LE(0)));
        slot.release();
      }
    }
    assert.ok(copy.equals(bytes));
    await disk.close();
    await link.disconnect();
  }
});

test('errors of the library arrive with name, function and retry class', async () => {
  await using folder = await temporaryFolder();
  const raw = await folder.file('raw', mixedBytes(1024 * 1024, 6));
  const lines: string[] = [];
  await using worker = await startWorker({
    ...(await labEnvironment(folder, raw, { COLDFRAME_LAB_VDDK_FAULTS: 'Open:1:error=4' })),
    onLog: (line) => lines.push(line),
  });
  await worker.loadLibrary();
  const refused = await worker.connection(connection('nbdssl', 'wrong secret'));
  await assert.rejects(refused.connect(), ColdframeError);
  const link = await worker.connection(connection('nbdssl'));
  await link.connect();
  await assert.rejects(link.open(diskPath, { readOnly: true }), (error) => {
    assert.ok(error instanceof ColdframeError);
    assert.equal(error.details['function'], 'VixDiskLib_Open');
    assert.match(String(error.details['name']), /FILE_NOT_FOUND/);
    return true;
  });
  assert.ok(lines.every((line) => !line.includes('wrong secret')));
});

test('a crash inside the library fails one worker and nothing else', async () => {
  await using folder = await temporaryFolder();
  const raw = await folder.file('raw', mixedBytes(1024 * 1024, 6));
  const options = await labEnvironment(folder, raw, { COLDFRAME_LAB_VDDK_FAULTS: 'Open:1:crash' });
  await using worker = await startWorker(options);
  await worker.loadLibrary();
  const link = await worker.connection(connection('hotadd'));
  await link.connect();
  await assert.rejects(
    link.open(diskPath, { readOnly: true }),
    (error) => error instanceof ColdframeError && error.code === 'process-died',
  );
});

test('a hang inside the library ends with the deadline', async () => {
  await using folder = await temporaryFolder();
  const raw = await folder.file('raw', mixedBytes(1024 * 1024, 6));
  const options = await labEnvironment(folder, raw, { COLDFRAME_LAB_VDDK_FAULTS: 'Open:1:hang' });
  await using worker = await startWorker({ ...options, exitMs: 300 });
  await worker.loadLibrary();
  const link = await worker.connection(connection('hotadd'));
  await link.connect();
  await assert.rejects(
    link.open(diskPath, { readOnly: true, signal: AbortSignal.timeout(300) }),
    (error) => error instanceof ColdframeError && error.code === 'timeout',
  );
});
