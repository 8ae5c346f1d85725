import { recipientOf } from '#archive/age-keys.ts';
import { ArchiveWriter, type SealedArchive } from '#archive/archive-writer.ts';
import { manifestSigner } from '#archive/signature.ts';
import type { ArchiveChain } from '#archive/chain.ts';
import {
  proveSyntheticFull,
  writeSyntheticFull,
  type SyntheticBytes,
} from '#archive/synthetic-full.ts';
import { ColdframeError } from '#core/error.ts';
import type { SynthesizeOrder, SynthesizeResult } from '#core/mover-orders.ts';
import type { Secret } from '#core/secret.ts';

import { openChain } from './chain-files.ts';
import type { MoverJob } from './job.ts';
import { nativeCodec, nativeDecoder, nativeDigester } from './native-codec.ts';
import { createArchive, type NewArchive } from './new-archive.ts';
import { checkingReader, verifyFiles } from './verify-files.ts';

/**
 * Writes a synthetic full, reads every byte of it back, compares it with the chain, and only
 * then gives it its name; an error leaves no file and the chain as it was.
 */
export async function synthesize(order: SynthesizeOrder, job: MoverJob): Promise<SynthesizeResult> {
  const startedMs = performance.now();
  const { identities = [] } = job.settings;
  await requireKeyFor(order, identities);
  await using chain = await openChain(order.chain, job.signal, identities);
  await using archive = await createArchive(order);
  const { sealed, bytes } = await write({ order, chain, archive }, job);
  await prove({ chain, filePath: archive.filePath }, job);
  job.signal.throwIfAborted();
  const { header } = order;
  const { manifest, seal } = sealed;
  await archive.commit({ header, manifest });
  const archiveBytes = archive.storedBytes;
  return { manifest, seal, archiveBytes, ...bytes, durationMs: performance.now() - startedMs };
}

/** What cannot be read again cannot be proven: better said before hours of writing than after. */
async function requireKeyFor(
  { encryptTo = [] }: SynthesizeOrder,
  identities: readonly Secret[],
): Promise<void> {
  if (encryptTo.length === 0) return;
  for (const identity of identities) if (encryptTo.includes(await recipientOf(identity))) return;
  throw new ColdframeError(
    'locked',
    'A synthetic full of this repository would be encrypted to keys that are not here, so that it could not be proven. Give one of the private keys (coldframe key add), or make active fulls.',
  );
}

async function write(
  {
    order,
    chain,
    archive,
  }: {
    readonly order: SynthesizeOrder;
    readonly chain: ArchiveChain;
    readonly archive: NewArchive;
  },
  { reporter, settings, signal }: MoverJob,
): Promise<{ readonly sealed: SealedArchive; readonly bytes: SyntheticBytes }> {
  const { signingKey, spoolDir } = settings;
  await using writer = new ArchiveWriter({
    sink: archive.sink,
    digester: nativeDigester,
    codec: nativeCodec(order.compressLevel),
    sign: signingKey && manifestSigner(signingKey),
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
  await archive.close();
  return { sealed, bytes };
}

async function prove(
  { chain, filePath }: { readonly chain: ArchiveChain; readonly filePath: string },
  job: MoverJob,
): Promise<void> {
  const { damage } = await verifyFiles([filePath], job);
  const [first] = damage;
  if (first !== undefined)
    throw new ColdframeError(
      'digest-mismatch',
      `The synthetic full was thrown away: it cannot be proven (${first.message}). The chain stays as it is; verify it.`,
    );
  await proveSyntheticFull(chain, filePath, checkingReader(job));
}
