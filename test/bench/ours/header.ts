import type { ArchivedDisk, Compression, RestorePointHeader } from '#core/restore-point.ts';

/** The least that an archive must say of itself. */
export function benchHeader(
  disks: readonly Pick<ArchivedDisk, 'label' | 'capacityBytes'>[],
  compression: Compression,
): RestorePointHeader {
  return {
    formatVersion: 1,
    id: 'benchbenchbenchb',
    kind: 'full',
    createdAtMs: 1_700_000_000_000,
    applianceId: 'bench',
    jobName: null,
    runId: 'bench',
    taskId: 'bench',
    vm: {
      endpointUuid: 'bench',
      instanceUuid: '00000000-0000-0000-0000-000000000001',
      biosUuid: 'bench',
      moref: 'vm-1',
      name: 'bench',
    },
    consistency: 'crash',
    parent: null,
    digestAlgorithm: 'blake3-256',
    chunkBytes: 2 ** 20,
    compression,
    disks: disks.map(({ label, capacityBytes }, i) => ({
      key: 2000 + i,
      label,
      deviceLabel: `Hard disk ${i + 1}`,
      capacityBytes,
      uuid: '',
      backing: {
        kind: 'flat',
        fileName: `[bench] ${label}.vmdk`,
        mode: 'persistent',
        thin: true,
        eagerlyScrub: false,
      },
      controller: { kind: 'pvscsi', key: 1000, bus: 0, unit: i },
      changeId: null,
      mode: 'full',
      modeReason: 'bench',
      transport: 'nbdssl',
      transportReason: 'bench',
    })),
    skippedDisks: [],
    warnings: [],
  };
}
