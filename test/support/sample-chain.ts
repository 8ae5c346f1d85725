import path from 'node:path';

import { wholeDisk, type ExtentList } from '#core/extents.ts';
import type { Compression, RestorePointHeader } from '#core/restore-point.ts';

import {
  mappedOnly,
  sampleDisk,
  sampleHeader,
  writeSample,
  type SampleDisk,
} from './archive-samples.ts';
import type { Random } from './random.ts';
import { mixedDisk, randomExtents } from './sample-disks.ts';

export interface SampleChainOptions {
  readonly dir: string;
  readonly random: Random;
  /** Of each archive, the full one first. */
  readonly compressions: readonly Compression[];
  readonly capacityBytes?: number;
  readonly changesEach?: number;
}

export interface SamplePoint {
  readonly path: string;
  readonly header: RestorePointHeader;
  readonly seal: string;
  /** What each disk held when this archive was made. */
  readonly states: ReadonlyMap<string, Buffer>;
}

/**
 * A VM's life in archives: disks "system" and "data" with random writes and trims (areas that
 * became zero are in the map), then "data" grows and is read in full once, then comes "extra".
 */
export async function writeSampleChain(options: SampleChainOptions): Promise<SamplePoint[]> {
  const { random } = options;
  const capacityBytes = options.capacityBytes ?? 1024 * 1024 + 512;
  const disks = new Map<string, Buffer>([
    ['system', mixedDisk(random, capacityBytes)],
    ['data', mixedDisk(random, Math.ceil(capacityBytes / 1024) * 512)],
  ]);
  const points: SamplePoint[] = [];
  for (const [index, compression] of options.compressions.entries()) {
    const plan = planPoint({ disks, index, random, changes: options.changesEach ?? 12 });
    const previous = points.at(-1);
    const sampled = plan.map((step) => step.disk);
    const header = sampleHeader(sampled, {
      id: `point${index}`,
      kind: index === 0 ? 'full' : 'incremental',
      compression,
      createdAtMs: Date.UTC(2026, 0, 2 + index, 3, 4, 5),
      parent: previous === undefined ? null : { id: previous.header.id, seal: previous.seal },
      disks: plan.map(({ disk, mode }, key) => ({ ...sampleDisk(disk, 2000 + key), mode })),
    });
    const name = `${index}.tar${compression === 'zstd' ? '.zst' : ''}`;
    const file = path.join(options.dir, name);
    const { seal } = await writeSample({
      path: file,
      header,
      disks: sampled,
      slotBytes: 256 * 1024,
    });
    const states = new Map([...disks].map(([label, data]) => [label, Buffer.from(data)]));
    points.push({ path: file, header, seal, states });
  }
  return points;
}

interface PlannedDisk {
  readonly disk: SampleDisk;
  readonly mode: 'full' | 'incremental';
}

interface PlanParts {
  readonly disks: Map<string, Buffer>;
  readonly index: number;
  readonly random: Random;
  readonly changes: number;
}

function planPoint({ disks, index, random, changes }: PlanParts): PlannedDisk[] {
  if (index === 2) grow(disks, 'data', 4096 * 3);
  if (index === 3) disks.set('extra', mixedDisk(random, 64 * 1024));
  const planned: PlannedDisk[] = [];
  for (const [label, data] of disks) {
    const isFull =
      index === 0 || (index === 2 && label === 'data') || (index === 3 && label === 'extra');
    const extents = isFull ? fullExtents(data, label) : changeDisk(data, { random, changes });
    if (isFull) disks.set(label, mappedOnly({ label, data, extents }));
    planned.push({
      disk: { label, data: Buffer.from(disks.get(label)!), extents },
      mode: isFull ? 'full' : 'incremental',
    });
  }
  return planned;
}

/** "data" is thin: its full backup maps only what is allocated, here all but the second quarter. */
function fullExtents(data: Buffer, label: string): ExtentList {
  if (label !== 'data') return wholeDisk(data.length);
  const quarter = Math.floor(data.length / 4 / 512) * 512;
  return Float64Array.of(0, quarter, 2 * quarter, data.length - 2 * quarter);
}

function changeDisk(
  data: Buffer,
  { random, changes }: { readonly random: Random; readonly changes: number },
): ExtentList {
  const capacityBytes = data.length;
  const extents = randomExtents(random, { capacityBytes, count: changes, maxBytes: 24 * 1024 });
  for (let i = 0; i < extents.length; i += 2) {
    const area = data.subarray(extents[i], extents[i]! + extents[i + 1]!);
    const kind = random.below(4);
    if (kind === 0) area.fill(0);
    else if (kind === 1) random.fill(area);
    else if (kind === 2) area.fill(`state ${random.below(1000)}\n`);
    else area.fill(0, 0, Math.floor(area.length / 1024) * 512);
  }
  return extents;
}

function grow(disks: Map<string, Buffer>, label: string, bytes: number): void {
  disks.set(label, Buffer.concat([disks.get(label)!, Buffer.alloc(bytes, 0x47)]));
}
