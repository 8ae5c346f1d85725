import { ArchiveReader } from '#archive/archive-reader.ts';
import type { ArchiveFacts } from '#repository/local-repository.ts';

/** Seals and small members of archives, as the repository asks for them. */
export const archiveFacts: ArchiveFacts = {
  async read(path, signal) {
    await using archive = await openArchive(path, signal);
    const { header, seal, archiveBytes, manifest } = archive;
    const { finishedAtMs, disks } = manifest;
    return { header, seal, archiveBytes, finishedAtMs, disks };
  },
  async readMember(path, member) {
    await using archive = await openArchive(path);
    return await archive.readMember(member);
  },
};

async function openArchive(path: string, signal?: AbortSignal): Promise<ArchiveReader> {
  // Loaded when first needed: a folder can be looked at even without the native part.
  const { blake3, Blake3 } = await import('#transport/native/digest.ts');
  const { zstdDecode } = await import('#transport/native/zstd.ts');
  return ArchiveReader.open(path, {
    digester: { digest: blake3, create: () => new Blake3() },
    codec: { decompress: zstdDecode },
    signal,
  });
}
