import { openSync } from 'node:fs';

import { ArchiveWriter, type SealedArchive } from '#archive/archive-writer.ts';
import type { ArchiveChain } from '#archive/chain.ts';
import {
  proveSyntheticFull,
  writeSyntheticFull,
  type SyntheticBytes,
} from '#archive/synthetic-full.ts';
import { verifyArchives } from '#archive/verify.ts';
import { ColdframeError } from '#core/error.ts';
import type { SynthesizeOrder, SynthesizeResult } from '#core/mover-orders.ts';
import { createPartial } from '#repository/partial-archive.ts';
import { sinkOn } from '#transport/native/sink.ts';

import { openChain } from './chain-files.ts';
import { checkChunksNatively } from './check-chunks.ts';
import type { MoverJob } from './job.ts';
import { nativeCodec, nativeDecoder, nativeDigester } from './native-codec.ts';

/**
 * Writes a synthetic full, reads every byte of it back, compares it with the chain, and only
 * then gives it its name; an error leaves no file and the chain as it was.
 */
export async function synthesize(order: SynthesizeOrder, job: MoverJob): Promise<SynthesizeResult> {
  const startedMs = performance.now();
  await using chain = await openChain(order.chain, job.signal);
  await using partial = await createPartial(order.repository, order.path);
  const { sealed, bytes } = await write({ order, chain, filePath: partial.filePath }, job);
  await prove({ chain, filePath: partial.filePath }, job);
  job.signal.throwIfAborted();
  await partial.commit();
  return { ...sealed, ...bytes, durationMs: performance.now() - startedMs };
}

async function write(
  {
    order,
    chain,
    filePath,
  }: { readonly order: SynthesizeOrder; readonly chain: ArchiveChain; readonly filePath: string },
  { reporter, settings, signal }: MoverJob,
): Promise<{ readonly sealed: SealedArchive; readonly bytes: SyntheticBytes }> {
  const { spoolDir } = settings;
  await using sink = sinkOn(openSync(filePath, 'r+'), filePath);
  await using writer = new ArchiveWriter({
    sink,
    digester: nativeDigester,
    codec: nativeCodec(order.compressLevel),
    ...(spoolDir === undefined ? {} : { spoolDir }),
  });
  await writer.begin(order.header);
  const bytes = await writeSyntheticFull(chain, writer, {
    ...nativeDecoder,
    signal,
    onProgress: (progress) =>
      reporter.progress({ ...progress, phase: 'copying', storedBytes: writer.storedBytes }),
  });
  signal.throwIfAborted();
  const sealed = await writer.seal(Date.now());
  await sink.close();
  return { sealed, bytes };
}

async function prove(
  { chain, filePath }: { readonly chain: ArchiveChain; readonly filePath: string },
  { reporter, signal }: MoverJob,
): Promise<void> {
  let doneBytes = 0;
  const { damage } = await verifyArchives([filePath], {
    ...nativeDecoder,
    signal,
    checkChunks: checkChunksNatively,
    onBytes: (bytes) => {
      doneBytes += bytes;
      reporter.progress({
        label: '',
        phase: 'reading-back',
        doneBytes,
        totalBytes: 0,
        storedBytes: 0,
      });
    },
  });
  const [first] = damage;
  if (first !== undefined)
    throw new ColdframeError(
      'digest-mismatch',
      `The synthetic full was thrown away: it cannot be proven (${first.message}). The chain stays as it is; verify it.`,
    );
  await proveSyntheticFull(chain, filePath, { ...nativeDecoder, signal });
}
