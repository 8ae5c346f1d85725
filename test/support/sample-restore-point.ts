import type { RestorePoint } from '#core/restore-point.ts';

export interface SampleOptions {
  readonly id: string;
  readonly createdAtMs: number;
  readonly instanceUuid?: string;
  readonly repositoryId?: string;
  readonly parentId?: string;
  readonly vmName?: string;
}

/** A full, valid restore point of a one-disk VM. */
export function sampleRestorePoint(options: SampleOptions): RestorePoint {
  const { id, createdAtMs, parentId } = options;
  return {
    header: {
      formatVersion: 1,
      id,
      kind: parentId === undefined ? 'full' : 'incremental',
      createdAtMs,
      applianceId: 'appliance0000001',
      jobName: null,
      runId: 'run1',
      taskId: 'task1',
      vm: {
        endpointUuid: '0aa0a9a2-0000-4000-8000-000000000001',
        instanceUuid: options.instanceUuid ?? '5000a9a2-0000-4000-8000-000000000001',
        biosUuid: '4200a9a2-0000-4000-8000-000000000001',
        moref: 'vm-42',
        name: options.vmName ?? 'demo-app',
      },
      consistency: 'crash',
      parent: parentId === undefined ? null : { id: parentId, seal: 'cd'.repeat(32) },
      digestAlgorithm: 'blake3-256',
      chunkBytes: 1024 * 1024,
      compression: 'zstd',
      disks: [
        {
          key: 2000,
          label: 'disk-0',
          deviceLabel: 'Hard disk 1',
          capacityBytes: 16 * 1024 ** 3,
          uuid: '6000C290-0000-0000-0000-000000000001',
          backing: {
            kind: 'flat',
            fileName: '[ds1] demo-app/demo-app.vmdk',
            mode: 'persistent',
            thin: true,
            eagerlyScrub: false,
          },
          controller: { kind: 'pvscsi', key: 1000, bus: 0, unit: 0 },
          changeId: '52 12 c4/7',
          mode: parentId === undefined ? 'full' : 'incremental',
          modeReason: 'first backup',
          transport: 'hotadd',
          transportReason: 'the appliance reaches the datastore',
        },
      ],
      skippedDisks: [],
      warnings: [],
    },
    repositoryId: options.repositoryId ?? 'repository000001',
    path: `demo-app_5000/${id}.tar.zst`,
    archiveBytes: 123_456,
    finishedAtMs: createdAtMs + 60_000,
    seal: 'cd'.repeat(32),
    disks: [{ label: 'disk-0', mappedBytes: 1024 ** 3, zeroBytes: 4096, chunks: 1024 }],
  };
}
