import { z } from 'zod';

import { ColdframeError } from '#core/error.ts';
import { formatVersion, type Manifest, type RestorePointHeader } from '#core/restore-point.ts';

import { damaged } from './damage.ts';
import { labelPattern, maxCapacityBytes, maxChunkBytes } from './layout.ts';

const count = z.int().nonnegative();
const text = z.string();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const label = z.string().regex(labelPattern);
const transport = z.enum(['hotadd', 'san', 'nbdssl', 'nbd', 'lease', 'file']);

const diskSchema = z.object({
  key: z.int(),
  label,
  deviceLabel: text,
  capacityBytes: z.int().positive().max(maxCapacityBytes),
  uuid: text,
  backing: z.object({
    kind: z.enum(['flat', 'sesparse', 'sparse', 'rdm-virtual', 'rdm-physical', 'other']),
    fileName: text,
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
    key: z.int(),
    bus: z.int(),
    unit: z.int(),
  }),
  changeId: text.nullable(),
  mode: z.enum(['full', 'incremental']),
  modeReason: text,
  transport,
  transportReason: text,
});

const headerSchema: z.ZodType<RestorePointHeader> = z.object({
  formatVersion: z.literal(formatVersion),
  id: text.min(1),
  kind: z.enum(['full', 'incremental', 'synthetic']),
  createdAtMs: count,
  applianceId: text,
  jobName: text.nullable(),
  runId: text,
  taskId: text,
  vm: z.object({
    endpointUuid: text,
    instanceUuid: text,
    biosUuid: text,
    moref: text,
    name: text,
  }),
  consistency: z.enum(['application', 'file-system', 'crash', 'powered-off']),
  parent: z.object({ id: text.min(1), seal: digest }).nullable(),
  replaces: z.object({ restorePointId: text.min(1), restorePointSeal: digest }).exactOptional(),
  activeFullAtMs: count.exactOptional(),
  digestAlgorithm: z.literal('blake3-256'),
  chunkBytes: z.int().min(4096).max(maxChunkBytes).multipleOf(4096),
  compression: z.enum(['zstd', 'none']),
  disks: z.array(diskSchema),
  skippedDisks: z.array(z.object({ key: z.int(), deviceLabel: text, reason: text })),
  warnings: z.array(text),
});

const manifestSchema: z.ZodType<Manifest> = z.object({
  formatVersion: z.literal(formatVersion),
  id: text.min(1),
  finishedAtMs: count,
  members: z.array(
    z.object({
      name: text.min(1).max(255),
      headerOffset: count,
      dataOffset: count,
      dataBytes: count,
      digest,
    }),
  ),
  disks: z.array(z.object({ label, mappedBytes: count, zeroBytes: count, chunks: count })),
  signature: z
    .object({ algorithm: z.literal('ed25519'), keyId: text, value: text })
    .exactOptional(),
});

/** JSON as the archive holds it: two spaces, one key a line, so that shell tools can read it too. */
export function toJsonBytes(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`, 'utf8');
}

/** Checks a header before it is written; throws 'invalid-input'. */
export function checkHeader(header: RestorePointHeader): void {
  const result = headerSchema.safeParse(header);
  if (!result.success)
    throw new ColdframeError(
      'invalid-input',
      `The restore point's description cannot be written: ${z.prettifyError(result.error)}`,
    );
  const labels = header.disks.map((disk) => disk.label.toLowerCase());
  if (new Set(labels).size !== labels.length)
    throw new ColdframeError(
      'invalid-input',
      'Two disks of the restore point have the same label.',
    );
}

export function parseHeader(bytes: Uint8Array, file: string): RestorePointHeader {
  return parse(bytes, headerSchema, { file, member: 'restore-point.json' });
}

export function parseManifest(bytes: Uint8Array, file: string): Manifest {
  return parse(bytes, manifestSchema, { file, member: 'manifest.json' });
}

function parse<T>(
  bytes: Uint8Array,
  schema: z.ZodType<T>,
  where: { readonly file: string; readonly member: string },
): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damaged(where.file, `${where.member} is not JSON`, cause);
  }
  refuseNewer(value, where.file);
  const result = schema.safeParse(value);
  if (!result.success)
    throw damaged(where.file, `${where.member}: ${z.prettifyError(result.error)}`);
  return result.data;
}

function refuseNewer(value: unknown, file: string): void {
  if (typeof value !== 'object' || value === null || !('formatVersion' in value)) return;
  const version = value.formatVersion;
  if (typeof version === 'number' && version > formatVersion)
    throw new ColdframeError(
      'archive-version',
      `${file} has archive format version ${version}; this coldframe reads version ${formatVersion}. Update coldframe, or follow the RESTORE.txt inside the archive.`,
      { details: { file, version } },
    );
}
