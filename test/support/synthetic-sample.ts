import { ArchiveWriter, type SealedArchive } from '#archive/archive-writer.ts';
import { ArchiveChain } from '#archive/chain.ts';
import type { SignManifest } from '#archive/signature.ts';
import {
  proveSyntheticFull,
  writeSyntheticFull,
  type SyntheticBytes,
} from '#archive/synthetic-full.ts';
import type { RestorePointHeader } from '#core/restore-point.ts';

import { nodeCodec, wasmDigester } from './archive-ports.ts';
import { fileSink } from './file-sink.ts';
import type { SamplePoint } from './sample-chain.ts';

export interface SyntheticSample extends SealedArchive {
  readonly bytes: SyntheticBytes;
  readonly header: RestorePointHeader;
}

export interface SyntheticChanges {
  readonly header?: Partial<RestorePointHeader>;
  readonly sign?: SignManifest;
}

/** A synthetic full of the last of `points`, as the mover makes it, through other ports. */
export async function writeSynthetic(
  points: readonly SamplePoint[],
  file: string,
  { header: changes, sign }: SyntheticChanges = {},
): Promise<SyntheticSample> {
  const signal = new AbortController().signal;
  const options = { digester: wasmDigester, codec: nodeCodec, signal };
  const last = points.at(-1)!;
  const header: RestorePointHeader = {
    ...last.header,
    id: `synthetic-${last.header.id}`,
    kind: 'synthetic',
    parent: null,
    replaces: { restorePointId: last.header.id, restorePointSeal: last.seal },
    disks: last.header.disks.map((disk) => ({ ...disk, mode: 'full' })),
    ...changes,
  };
  await using chain = await ArchiveChain.open(
    points.map(({ path }) => path),
    options,
  );
  await using sink = await fileSink(file);
  await using writer = new ArchiveWriter({ sink, digester: wasmDigester, codec: nodeCodec, sign });
  await writer.begin(header);
  const bytes = await writeSyntheticFull(chain, writer, options);
  const sealed = await writer.seal(header.createdAtMs + 90_000);
  await proveSyntheticFull(chain, file, options);
  return { ...sealed, bytes, header };
}
