/** Where some bytes of the tar stream are stored in the archive's file. */
export interface StoredRange {
  readonly fileOffset: number;
  readonly storedLength: number;
  /** The stored bytes are one zstd frame; otherwise they are the bytes themselves. */
  readonly isFrame: boolean;
  /** Bytes that the stored range decodes to. */
  readonly decodedLength: number;
  /** Where the wanted bytes begin among the decoded ones. */
  readonly offsetInDecoded: number;
}

/** Random access to the (uncompressed) tar stream of an archive. */
export interface TarSource {
  /** Bytes of the tar stream. */
  readonly size: number;
  /** Exactly `length` bytes, as a buffer that the caller may keep but must not change. */
  read(position: number, length: number): Promise<Buffer>;
  /** Throws 'archive-damaged' when the bytes span two frames. */
  locate(position: number, length: number): StoredRange;
}
