import { ArchiveWriter, type SealedArchive } from '#archive/archive-writer.ts';
import { chunkRowBytes, zeroFlag } from '#archive/chunk-table.ts';
import type { ArchiveSlot, Digester, FrameCodec } from '#archive/ports.ts';
import type { ExtentList } from '#core/extents.ts';
import type { ArchivedDisk, RestorePointHeader } from '#core/restore-point.ts';

import { nodeCodec, wasmDigester } from './archive-ports.ts';
import { fileSink } from './file-sink.ts';

export interface SampleDisk {
  readonly label: string;
  /** The whole disk. */
  readonly data: Buffer;
  readonly extents: ExtentList;
}

export function sampleDisk(disk: SampleDisk, key: number): ArchivedDisk {
  return {
    key,
    label: disk.label,
    deviceLabel: `Hard disk ${key - 1999}`,
    capacityBytes: disk.data.length,
    uuid: `6000C29${key}-0000-1111-2222-333344445555`,
    backing: {
      kind: 'flat',
      fileName: `[datastore1] app/app_${key}.vmdk`,
      mode: 'persistent',
      thin: true,
      eagerlyScrub: false,
    },
    controller: { kind: 'pvscsi', key: 1000, bus: 0, unit: key - 2000 },
    changeId: `52 aa bb cc/${key}`,
    mode: 'full',
    modeReason: 'first backup',
    transport: 'file',
    transportReason: 'test',
  };
}

export function sampleHeader(
  disks: readonly SampleDisk[],
  changes: Partial<RestorePointHeader> = {},
): RestorePointHeader {
  return {
    formatVersion: 1,
    id: 'abcdefgh23456777',
    kind: 'full',
    createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    applianceId: 'appliance-1',
    jobName: 'nightly',
    runId: 'run-1',
    taskId: 'task-1',
    vm: {
      endpointUuid: '11111111-2222-3333-4444-555555555555',
      instanceUuid: '5021aaaa-bbbb-cccc-dddd-eeeeffff0000',
      biosUuid: '4221aaaa-bbbb-cccc-dddd-eeeeffff0000',
      moref: 'vm-42',
      name: 'app server',
    },
    consistency: 'file-system',
    parent: null,
    digestAlgorithm: 'blake3-256',
    chunkBytes: 64 * 1024,
    compression: 'none',
    disks: disks.map((disk, index) => sampleDisk(disk, 2000 + index)),
    skippedDisks: [],
    warnings: [],
    ...changes,
  };
}

export interface SlotOptions {
  readonly chunkBytes: number;
  readonly slotBytes: number;
  readonly digester?: Digester;
  /** Present: slots carry frames. */
  readonly codec?: FrameCodec;
  readonly onRelease?: (slot: ArchiveSlot) => void;
}

/** The slots that a disk worker would deliver for these extents. */
export function* sampleSlots(
  { data, extents }: Pick<SampleDisk, 'data' | 'extents'>,
  options: SlotOptions,
): Generator<ArchiveSlot> {
  let chunks: { offset: number; length: number }[] = [];
  let used = 0;
  for (const chunk of chunksOf(extents, options.chunkBytes)) {
    if (used + chunk.length > options.slotBytes) {
      yield makeSlot(data, chunks, options);
      chunks = [];
      used = 0;
    }
    chunks.push(chunk);
    used += chunk.length;
  }
  if (chunks.length > 0) yield makeSlot(data, chunks, options);
}

function* chunksOf(
  extents: ExtentList,
  chunkBytes: number,
): Generator<{ offset: number; length: number }> {
  for (let i = 0; i < extents.length; i += 2) {
    const end = extents[i]! + extents[i + 1]!;
    for (let offset = extents[i]!; offset < end;) {
      const cellEnd = (Math.floor(offset / chunkBytes) + 1) * chunkBytes;
      const length = Math.min(end, cellEnd) - offset;
      yield { offset, length };
      offset += length;
    }
  }
}

function makeSlot(
  disk: Buffer,
  chunks: readonly { offset: number; length: number }[],
  options: SlotOptions,
): ArchiveSlot {
  const digester = options.digester ?? wasmDigester;
  const parts = chunks.map(({ offset, length }) => disk.subarray(offset, offset + length));
  const rows = Buffer.alloc(chunks.length * chunkRowBytes);
  for (const [index, { offset, length }] of chunks.entries()) {
    const at = index * chunkRowBytes;
    const isZero = parts[index]!.every((byte) => byte === 0);
    rows.writeBigUInt64LE(BigInt(offset), at);
    rows.writeUInt32LE((length | (isZero ? zeroFlag : 0)) >>> 0, at + 8);
    digester.digest(parts[index]!).copy(rows, at + 12);
  }
  const data = Buffer.concat(parts);
  const slot: ArchiveSlot = {
    data,
    frame: options.codec?.compress(data),
    chunks: rows,
    allZero: data.every((byte) => byte === 0),
    release: () => options.onRelease?.(slot),
  };
  return slot;
}

export interface SampleArchive {
  readonly path: string;
  readonly header: RestorePointHeader;
  readonly disks: readonly SampleDisk[];
  readonly slotBytes?: number;
  readonly extraMembers?: readonly { name: string; data: Buffer }[];
}

/** Writes a whole archive through the real writer. */
export async function writeSample(sample: SampleArchive): Promise<SealedArchive> {
  const { header } = sample;
  await using sink = await fileSink(sample.path);
  await using writer = new ArchiveWriter({ sink, digester: wasmDigester, codec: nodeCodec });
  await writer.begin(header);
  for (const { name, data } of sample.extraMembers ?? []) await writer.addMember(name, data);
  for (const disk of sample.disks) {
    await writer.addMember(`disks/${disk.label}.metadata.json`, Buffer.from('{}\n'));
    await writer.beginDisk(disk.label, disk.data.length, disk.extents);
    const slots = sampleSlots(disk, {
      chunkBytes: header.chunkBytes,
      slotBytes: sample.slotBytes ?? 1024 * 1024,
      ...(header.compression === 'zstd' ? { codec: nodeCodec } : {}),
    });
    for (const slot of slots) await writer.writeSlots([slot]);
    await writer.endDisk();
  }
  return await writer.seal(header.createdAtMs + 60_000);
}

/** The bytes of a disk that the extents map; zeros elsewhere. */
export function mappedOnly({ data, extents }: SampleDisk): Buffer {
  const out = Buffer.alloc(data.length);
  for (let i = 0; i < extents.length; i += 2)
    data.copy(out, extents[i], extents[i], extents[i]! + extents[i + 1]!);
  return out;
}
