import type { ArchiveFile } from './archive-file.ts';
import type { StoredRange, TarSource } from './tar-source.ts';

/** An uncompressed archive is its own tar stream. */
export class PlainTar implements TarSource {
  readonly size: number;
  readonly #file: ArchiveFile;

  constructor(file: ArchiveFile) {
    this.size = file.size;
    this.#file = file;
  }

  async read(position: number, length: number): Promise<Buffer> {
    return this.#file.read(position, length);
  }

  locate(position: number, length: number): StoredRange {
    return {
      fileOffset: position,
      storedLength: length,
      isFrame: false,
      decodedLength: length,
      offsetInDecoded: 0,
    };
  }
}
