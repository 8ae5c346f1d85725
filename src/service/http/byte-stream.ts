import type { Readable } from 'node:stream';

/** What a route returns to send bytes as they come, without keeping them in memory. */
export class ByteStream {
  readonly contentType: string;
  /** Where it is known. */
  readonly bytes: number | undefined;
  /** When it breaks off, the connection does too. */
  readonly stream: Readable;

  constructor(parts: {
    readonly contentType: string;
    readonly bytes: number | undefined;
    readonly stream: Readable;
  }) {
    this.contentType = parts.contentType;
    this.bytes = parts.bytes;
    this.stream = parts.stream;
  }
}
