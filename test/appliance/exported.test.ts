import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dataExtentsOfRaw } from '#appliance/ova/data-extents.ts';
import { extentBytes, normaliseExtents, type ExtentList } from '#core/extents.ts';
import { createMover } from '#mover/parent.ts';
import { archivePath } from '#repository/archive-path.ts';
import { initialiseRepository } from '#repository/initialise.ts';
import { systemClock } from '#service/system-clock.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { deploy, type Deployment } from './deploy.ts';
import { Machine } from './machine.ts';

const run = promisify(execFile);
const coldframe = fileURLToPath(new URL('../../src/cli/coldframe', import.meta.url));
const repositoryId = 'repository000001';
const label = 'scsi0-0';
const proof = 'written between the full and the incremental\n';
const cellBytes = 64 * 1024;
const bootLimitMs = 15 * 60_000;

interface Archived {
  readonly id: string;
  readonly path: string;
  readonly seal: string;
  readonly bytes: number;
}

describe('a Debian disk out of the archive', { timeout: 40 * 60_000 }, () => {
  let folder = '';
  let image = '';
  let root = '';
  let deployment: Deployment;
  let full: Archived;
  let incremental: Archived;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coldframe-exported-'));
    root = join(folder, 'repository');
    image = join(folder, 'system.raw');
    await mkdir(root);
    await mkdir(join(folder, 'vddk'));
    await initialiseRepository({ root, id: repositoryId, nowMs: 0 });
    deployment = await deploy(folder, { hostname: 'exported.example' });
    await run('qemu-img', ['convert', '-O', 'raw', deployment.imported[0]!, image]);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function backUp(id: string, extents: ExtentList, parent?: Archived): Promise<Archived> {
    const { size: capacityBytes } = await stat(image);
    const { header } = sampleRestorePoint({ id, createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5) });
    const kind = parent === undefined ? ('full' as const) : ('incremental' as const);
    const path = archivePath({
      vmName: header.vm.name,
      vmInstanceUuid: header.vm.instanceUuid,
      createdAtMs: header.createdAtMs,
      kind,
      id,
      compression: 'zstd',
    });
    const mover = createMover({
      clock: systemClock,
      settings: { vddkStateDir: join(folder, 'vddk'), workerEnv: {} },
    });
    const { seal, archiveBytes } = await mover.run(
      {
        kind: 'backup',
        repository: { root, repositoryId },
        path,
        header: {
          ...header,
          kind,
          compression: 'zstd',
          parent: parent === undefined ? null : { id: parent.id, seal: parent.seal },
          disks: [
            {
              ...header.disks[0]!,
              label,
              capacityBytes,
              mode: kind === 'full' ? 'full' : 'incremental',
            },
          ],
        },
        members: [],
        disks: [
          {
            label,
            access: { kind: 'block', path: image, transport: 'file', capacityBytes },
            extents,
            useAllocated: false,
          },
        ],
        compressLevel: 1,
      },
      { signal: new AbortController().signal },
    );
    return { id, path: join(root, path), seal, bytes: archiveBytes };
  }

  test('is backed up, changed and backed up incrementally', async () => {
    const { size } = await stat(image);
    const allocated = await dataExtentsOfRaw(image, size);
    full = await backUp('aaaaaaaaaaaaaaaa', allocated);
    const before = join(folder, 'before.raw');
    await run('cp', ['--sparse=always', image, before]);
    await writeInto(image, '/etc/coldframe-proof', proof);
    const changed = await changedAreas(before, image);
    assert.ok(extentBytes(changed) > 0 && extentBytes(changed) < 8 * 2 ** 20);
    incremental = await backUp('bbbbbbbbbbbbbbbb', changed, full);
    assert.ok(incremental.bytes * 20 < full.bytes, `${incremental.bytes} of ${full.bytes}`);
  });

  test('boots from what the incremental restore point is exported to', async () => {
    const system = join(folder, 'exported.qcow2');
    const words = ['tool', 'export', full.path, incremental.path, '--format', 'qcow2'];
    await run(coldframe, [...words, '--output', system]);
    const data = join(folder, 'data.qcow2');
    await copyFile(deployment.imported[1]!, data);
    await using machine = await Machine.start({
      folder,
      name: 'exported',
      disks: [system, data],
      sshKey: deployment.sshKey,
      iso: deployment.iso,
    });
    await machine.booted(bootLimitMs);
    const complaints =
      "sudo journalctl -k -b -o cat | grep -E 'EXT4-fs (error|warning)|I/O error' || true";
    assert.equal(await machine.shell(complaints), '');
    assert.equal(await machine.shell('cat /etc/coldframe-proof'), proof.trim());
    assert.equal(await machine.shell('hostname -f'), 'exported.example');
    // Debian's own digests; "c" marks configuration, which may differ.
    const verify = 'sudo dpkg --verify coreutils systemd openssh-server';
    const checked = await machine.shell(
      `${verify} | grep -v ' c /' | grep '^..5' || true`,
      300_000,
    );
    assert.equal(checked, '');
  });

  /** As the guest would have: into the ext4 of the largest partition. */
  async function writeInto(disk: string, path: string, content: string): Promise<void> {
    const { stdout } = await run('sfdisk', ['--json', disk]);
    const { partitiontable } = JSON.parse(stdout) as {
      partitiontable: { partitions: { start: number; size: number }[] };
    };
    const [largest] = partitiontable.partitions.toSorted((a, b) => b.size - a.size);
    const source = join(folder, 'proof');
    await writeFile(source, content);
    await run('debugfs', [
      '-w',
      '-R',
      `write ${source} ${path}`,
      `${disk}?offset=${largest!.start * 512}`,
    ]);
  }
});

async function changedAreas(before: string, after: string): Promise<ExtentList> {
  await using one = await open(before, 'r');
  await using two = await open(after, 'r');
  const { size } = await two.stat();
  const pairs: number[] = [];
  const data = await dataExtentsOfRaw(after, size);
  for (let i = 0; i < data.length; i += 2) {
    const start = Math.floor(data[i]! / cellBytes) * cellBytes;
    for (let at = start; at < data[i]! + data[i + 1]!; at += cellBytes) {
      const length = Math.min(cellBytes, size - at);
      const was = await one.read(Buffer.alloc(length), 0, length, at);
      const is = await two.read(Buffer.alloc(length), 0, length, at);
      if (!was.buffer.equals(is.buffer)) pairs.push(at, length);
    }
  }
  return normaliseExtents(pairs, size);
}
