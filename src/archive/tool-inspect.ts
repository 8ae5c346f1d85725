import type { Manifest, RestorePointHeader } from '#core/restore-point.ts';

import { ArchiveReader, type ArchiveReaderOptions } from './archive-reader.ts';

export interface InspectedArchive {
  readonly file: string;
  readonly archiveBytes: number;
  /** Bytes of the tar stream; more than the file's when it is compressed. */
  readonly tarBytes: number;
  readonly seal: string;
  readonly header: RestorePointHeader;
  readonly manifest: Manifest;
}

/** What `coldframe tool inspect` shows. Reads the two ends of the file only. */
export async function inspectArchive(
  file: string,
  options: ArchiveReaderOptions,
): Promise<InspectedArchive> {
  await using reader = await ArchiveReader.open(file, options);
  const { archiveBytes, seal, header, manifest } = reader;
  return { file, archiveBytes, tarBytes: reader.tar.size, seal, header, manifest };
}
