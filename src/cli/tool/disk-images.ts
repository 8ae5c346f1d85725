import { ArchiveChain } from '#archive/chain.ts';
import { ChunkCache } from '#archive/chunk-cache.ts';
import { DiskImage } from '#archive/disk-image.ts';
import type { ArchiveFiles } from '#core/api.ts';
import type { ArchivedDisk } from '#core/restore-point.ts';

import type { ArgumentSpec, CommandInput, OptionSpec } from '../command.ts';
import { loadCodecs } from './codecs.ts';
import { identityOption, loadIdentities } from './identities.ts';

/** Decoded chunks that are kept for the next read. */
const cacheBytes = 256 * 1024 * 1024;

export const archivesArgument: ArgumentSpec = {
  name: 'ARCHIVE',
  summary: 'the archive and those that it builds on, in any order',
  many: true,
};

export const restorePointArgument: ArgumentSpec = {
  name: 'RESTORE_POINT',
  summary: 'id from "coldframe restore-point list"',
};

/** Options of every command that reads disks out of archives. */
export const diskOptions: Readonly<Record<string, OptionSpec>> = {
  disk: { value: 'LABEL', short: 'd', summary: 'only this disk; may be repeated', many: true },
  identity: identityOption,
};

/** Where a command finds its archives: as named, or as the service knows them. */
export type FindArchives = (input: CommandInput) => Promise<readonly string[]>;

export const namedArchives: FindArchives = (input) =>
  Promise.resolve(input.manyArguments('ARCHIVE'));

/** The service says where they lie; they are read here, so that no disk's bytes pass through it. */
export const archivesOfRestorePoint: FindArchives = async ({ client, argument }) => {
  const id = encodeURIComponent(argument('RESTORE_POINT'));
  const { archives } = await client.get<ArchiveFiles>(`/restore-points/${id}/archives`);
  return archives.map(({ path }) => path);
};

export interface OpenDisk {
  readonly disk: ArchivedDisk;
  readonly image: DiskImage;
}

/** The disks of a restore point, or those that `--disk` names, for random access. */
export class OpenDisks implements AsyncDisposable {
  readonly chain: ArchiveChain;
  readonly disks: readonly OpenDisk[];

  private constructor(chain: ArchiveChain, disks: readonly OpenDisk[]) {
    this.chain = chain;
    this.disks = disks;
  }

  static async open(input: CommandInput, files: readonly string[]): Promise<OpenDisks> {
    await using stack = new AsyncDisposableStack();
    const chain = stack.use(
      await ArchiveChain.open(files, {
        ...(await loadCodecs()),
        identities: await loadIdentities(input.texts('identity')),
        signal: input.signal,
      }),
    );
    const cache = new ChunkCache(cacheBytes);
    const wanted = input.texts('disk');
    const labels = wanted.length > 0 ? wanted : chain.newest.header.disks.map(({ label }) => label);
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
