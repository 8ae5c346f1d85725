import type { ArchivedDisk } from '#core/restore-point.ts';

import type { ArchiveReaderOptions } from './archive-reader.ts';
import { ArchiveChain } from './chain.ts';
import { ChunkCache } from './chunk-cache.ts';
import { DiskImage } from './disk-image.ts';

export interface OpenDisk {
  readonly disk: ArchivedDisk;
  readonly image: DiskImage;
}

export interface OpenDisksOptions extends ArchiveReaderOptions {
  /** The archives that the newest of them needs, in any order. */
  readonly files: readonly string[];
  /** Labels; default all disks of the newest archive. */
  readonly disks?: readonly string[];
}

/** Decoded chunks that are kept for the next read. */
const cacheBytes = 256 * 1024 * 1024;

/** The disks of a restore point for random access, as long as this is open. */
export class OpenDisks implements AsyncDisposable {
  readonly chain: ArchiveChain;
  readonly disks: readonly OpenDisk[];

  private constructor(chain: ArchiveChain, disks: readonly OpenDisk[]) {
    this.chain = chain;
    this.disks = disks;
  }

  static async open(options: OpenDisksOptions): Promise<OpenDisks> {
    await using stack = new AsyncDisposableStack();
    const chain = stack.use(await ArchiveChain.open(options.files, options));
    const cache = new ChunkCache(cacheBytes);
    const labels = options.disks ?? chain.newest.header.disks.map(({ label }) => label);
    const disks: OpenDisk[] = [];
    for (const label of new Set(labels)) {
      const image = new DiskImage(await chain.disk(label), cache);
      disks.push({ disk: chain.newest.describedDisk(label)!, image });
    }
    stack.move();
    return new OpenDisks(chain, disks);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chain[Symbol.asyncDispose]();
  }
}
