import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { labClient } from '#test/integration/vsphere/lab-client.ts';
import type { Lab } from '#test/lab/lab.ts';
import { runPeer } from '#test/peers/peer.ts';

interface Seen {
  readonly about: string;
  readonly uuid: string;
  readonly tree: readonly string[];
  readonly files: readonly string[];
  readonly changeIds: Readonly<Record<string, string>>;
  readonly areas: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  readonly left: boolean;
}

const script = fileURLToPath(new URL('../../peers/python/changed_areas.py', import.meta.url));

async function look(lab: Lab, more: Readonly<Record<string, unknown>> = {}): Promise<Seen> {
  const [host, port] = lab.address.split(':');
  const { user, password } = lab;
  const { code, stdout, stderr } = await runPeer('venv/bin/python3', {
    args: [script],
    stdin: JSON.stringify({ host, port: Number(port), user, password, vm: 'demo-app', ...more }),
  });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Seen;
}

test('pyVmomi takes incremental steps in the lab and sees the areas that we see', async () => {
  await using client = await labClient();
  const { lab, connection, signal, app } = client;
  const first = await look(lab);
  assert.match(first.about, /^VMware vCenter Server/);
  assert.deepEqual(first.tree, ['by pyVmomi']);
  assert.equal(first.files.length, 2);
  assert.equal(first.left, false);
  const [key] = Object.keys(first.changeIds);
  assert.ok(key !== undefined);
  await lab.writeGuest({
    vm: 'demo-app',
    key: Number(key),
    offset: 1_048_576,
    seed: 1,
    length: 4096,
  });
  const second = await look(lab, { changeIds: first.changeIds });
  assert.notEqual(second.changeIds[key], first.changeIds[key]);
  const [area] = second.areas[key] ?? [];
  assert.ok(area !== undefined && area[0] <= 1_048_576 && area[0] + area[1] >= 1_052_672);
  const vm = await connection.getVm(app, signal);
  assert.equal(vm.identity.instanceUuid, first.uuid);
  const snapshotMoref = await connection.createSnapshot(
    { vmMoref: app, name: 'ours', description: 'd', quiesce: false },
    signal,
  );
  for (const disk of vm.disks) {
    const ours = await connection.changedAreas(
      {
        vmMoref: app,
        snapshotMoref,
        deviceKey: disk.key,
        capacityBytes: disk.capacityBytes,
        changeId: first.changeIds[String(disk.key)]!,
      },
      signal,
    );
    assert.deepEqual([...ours], second.areas[String(disk.key)]!.flat());
  }
  await connection.removeSnapshot(snapshotMoref, { signal });
});
