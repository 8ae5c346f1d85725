import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

import { ColdframeError } from '#core/error.ts';

import { manifest } from './manifest.ts';
import { ustarHeader } from './ustar-header.ts';

/** One disk of the package: its name, and its bytes front to back. */
export interface OvaDisk<Figures> {
  readonly fileName: string;
  /** Returns what the descriptor needs to know of the disk. */
  readonly content: () => AsyncGenerator<Buffer, Figures>;
}

export interface OvaOptions<Figures> {
  /** Name of the descriptor and the manifest, without ".ovf". */
  readonly name: string;
  readonly mtimeMs: number;
  readonly disks: readonly OvaDisk<Figures>[];
  /** The descriptor; called first with `undefined` for each disk, to learn how long it can get. */
  readonly descriptor: (figures: readonly (Figures | undefined)[]) => string;
}

const blockBytes = 512;

/**
 * Writes a whole .ova into an empty file without a second copy of the disks: the descriptor and
 * the manifest come first in the file and are filled in last, when the disks' sizes and digests
 * are known. The descriptor's place is as long as it could get; blanks follow its end.
 */
export async function writeOva<Figures>(
  file: FileHandle,
  options: OvaOptions<Figures>,
): Promise<void> {
  const { name, disks, descriptor, mtimeMs } = options;
  const names = [`${name}.ovf`, `${name}.mf`, ...disks.map(({ fileName }) => fileName)];
  const member = (index: number, size: number): Buffer =>
    ustarHeader({ name: names[index]!, size, mtimeMs });
  const ovfBytes = Buffer.byteLength(descriptor(disks.map(() => undefined)));
  const manifestBytes = manifestOf(
    names,
    names.map(() => '0'.repeat(64)),
  ).length;
  let end = 2 * blockBytes + padded(ovfBytes) + padded(manifestBytes);
  const figures: Figures[] = [];
  const digests: string[] = [];
  for (const [index, disk] of disks.entries()) {
    const start = end;
    end += blockBytes;
    const hash = createHash('sha256');
    const content = disk.content();
    let step = await content.next();
    for (; step.done !== true; step = await content.next()) {
      hash.update(step.value);
      await writeAt(file, step.value, end);
      end += step.value.length;
    }
    figures.push(step.value);
    digests.push(hash.digest('hex'));
    await writeAt(file, member(2 + index, end - start - blockBytes), start);
    end = padded(end);
  }
  const text = descriptor(figures);
  const ovf = Buffer.alloc(ovfBytes, ' ');
  if (Buffer.byteLength(text) > ovfBytes)
    throw new ColdframeError('internal', 'The OVF descriptor grew. Please report this.');
  ovf.write(text);
  const sums = manifestOf(names, [createHash('sha256').update(ovf).digest('hex'), '', ...digests]);
  await writeAt(file, Buffer.concat([member(0, ovfBytes), ovf]), 0);
  const manifestAt = blockBytes + padded(ovfBytes);
  await writeAt(file, Buffer.concat([member(1, sums.length), sums]), manifestAt);
  // Padding between members is what the file system makes of places that were never written.
  await file.truncate(end + 2 * blockBytes);
}

/** Everything but the manifest itself. */
function manifestOf(names: readonly string[], sha256s: readonly string[]): Buffer {
  const entries = names.map((fileName, index) => ({ fileName, sha256: sha256s[index]! }));
  return Buffer.from(manifest(entries.filter((_, index) => index !== 1)));
}

function padded(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}

async function writeAt(file: FileHandle, data: Buffer, position: number): Promise<void> {
  for (let at = 0; at < data.length;)
    at += (await file.write(data, at, data.length - at, position + at)).bytesWritten;
}
