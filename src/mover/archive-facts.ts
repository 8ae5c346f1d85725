import { lstat } from 'node:fs/promises';
import { basename } from 'node:path';

import { ArchiveReader } from '#archive/archive-reader.ts';
import { damaged } from '#archive/damage.ts';
import { decodeFacts } from '#archive/facts.ts';
import type { Digester } from '#archive/ports.ts';
import type { Secret } from '#core/secret.ts';
import { encryptedSuffix } from '#repository/archive-path.ts';
import { factsPathOf, readFactsFile } from '#repository/facts-file.ts';
import type { ArchiveFacts } from '#repository/local-repository.ts';

/** Seals and small members of archives, as the repository asks for them. */
export function archiveFacts(identities: readonly Secret[]): ArchiveFacts {
  return {
    async read(path, signal) {
      const beside = path.endsWith(encryptedSuffix) ? await factsBeside(path) : undefined;
      if (beside !== undefined) return beside;
      await using archive = await openArchive(path, identities, signal);
      const { header, seal, archiveBytes, manifest } = archive;
      const { finishedAtMs, disks } = manifest;
      return { header, seal, archiveBytes, finishedAtMs, disks };
    },
    async readMember(path, member) {
      await using archive = await openArchive(path, identities);
      return await archive.readMember(member);
    },
  };
}

/** What lies beside an encrypted archive, which needs no key; undefined when nothing does. */
async function factsBeside(path: string) {
  const bytes = await readFactsFile(path);
  if (bytes === undefined) return undefined;
  const facts = decodeFacts(bytes, basename(factsPathOf(path)), await loadDigester());
  const { size } = await lstat(path);
  if (size !== facts.archiveBytes)
    throw damaged(
      basename(path),
      `it has ${size} bytes and was written with ${facts.archiveBytes}`,
    );
  return facts;
}

async function openArchive(
  path: string,
  identities: readonly Secret[],
  signal?: AbortSignal,
): Promise<ArchiveReader> {
  const digester = await loadDigester();
  const { zstdDecode } = await import('#transport/native/zstd.ts');
  const codec = { decompress: zstdDecode };
  return ArchiveReader.open(path, { digester, codec, identities, signal });
}

/** When first needed: a folder can be looked at even without the native part. */
async function loadDigester(): Promise<Digester> {
  const { blake3, Blake3 } = await import('#transport/native/digest.ts');
  return { digest: blake3, create: () => new Blake3() };
}
