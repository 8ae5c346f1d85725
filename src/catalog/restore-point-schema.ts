import { z } from 'zod';

import { formatVersion, type RestorePoint, type RestorePointHeader } from '#core/restore-point.ts';

const header: z.ZodType<RestorePointHeader> = z.object({
  formatVersion: z.literal(formatVersion),
  id: z.string(),
  kind: z.enum(['full', 'incremental', 'synthetic']),
  createdAtMs: z.number().int(),
  applianceId: z.string(),
  jobName: z.string().nullable(),
  runId: z.string(),
  taskId: z.string(),
  vm: z.object({
    endpointUuid: z.string(),
    instanceUuid: z.string(),
    biosUuid: z.string(),
    moref: z.string(),
    name: z.string(),
  }),
  consistency: z.enum(['application', 'file-system', 'crash', 'powered-off']),
  parent: z.object({ id: z.string(), seal: z.string() }).nullable(),
  replaces: z.object({ restorePointId: z.string(), restorePointSeal: z.string() }).exactOptional(),
  activeFullAtMs: z.number().int().exactOptional(),
  digestAlgorithm: z.literal('blake3-256'),
  chunkBytes: z.number().int().positive(),
  compression: z.enum(['zstd', 'none']),
  disks: z.array(
    z.object({
      key: z.number().int(),
      label: z.string(),
      deviceLabel: z.string(),
      capacityBytes: z.number().nonnegative(),
      uuid: z.string(),
      backing: z.object({
        kind: z.enum(['flat', 'sesparse', 'sparse', 'rdm-virtual', 'rdm-physical', 'other']),
        fileName: z.string(),
        mode: z.enum([
          'persistent',
          'nonpersistent',
          'undoable',
          'independent_persistent',
          'independent_nonpersistent',
          'append',
        ]),
        thin: z.boolean(),
        eagerlyScrub: z.boolean(),
      }),
      controller: z.object({
        kind: z.enum([
          'pvscsi',
          'lsilogic',
          'lsilogic-sas',
          'buslogic',
          'sata',
          'nvme',
          'ide',
          'other',
        ]),
        key: z.number().int(),
        bus: z.number().int(),
        unit: z.number().int(),
      }),
      changeId: z.string().nullable(),
      mode: z.enum(['full', 'incremental']),
      modeReason: z.string(),
      transport: z.enum(['hotadd', 'san', 'nbdssl', 'nbd', 'lease', 'file']),
      transportReason: z.string(),
    }),
  ),
  skippedDisks: z.array(
    z.object({ key: z.number().int(), deviceLabel: z.string(), reason: z.string() }),
  ),
  warnings: z.array(z.string()),
});

export const restorePointSchema: z.ZodType<RestorePoint> = z.object({
  header,
  repositoryId: z.string(),
  path: z.string(),
  archiveBytes: z.number().nonnegative(),
  finishedAtMs: z.number().int(),
  seal: z.string(),
  disks: z.array(
    z.object({
      label: z.string(),
      mappedBytes: z.number().nonnegative(),
      zeroBytes: z.number().nonnegative(),
      chunks: z.number().int().nonnegative(),
    }),
  ),
});
