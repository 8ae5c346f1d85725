import { createRequire } from 'node:module';

/** coldframe::Error as the addon hands it over. */
export interface NativeError {
  /** 64-bit VixError or errno, decimal. */
  readonly raw: string;
  readonly name: string;
  readonly text: string;
  readonly function: string;
  readonly disk: string;
  readonly transport: string;
  readonly retry: 'no' | 'again' | 'reconnect' | 'next-transport';
  readonly warnings: readonly string[];
  /** Where in an archive, for the write stream. */
  readonly archive?: number;
  readonly fileOffset?: number;
}

export type Field = string | number | boolean | readonly string[];
export type Fields = Readonly<Record<string, Field>>;
export type ReplyFields = Readonly<Record<string, Field | Buffer>>;

export interface NativeReply {
  readonly tag: number;
  readonly fields?: ReplyFields;
  readonly error?: NativeError;
}

/** Parent's end of one disk worker: socket and ring. */
export interface NativeLink {
  /** The two descriptors that the worker inherits as 3 and 4. */
  childDescriptors(): [number, number];
  /** After the spawn: they are the worker's alone. */
  closeChildDescriptors(): void;
  order(tag: number, name: string, fields: Fields): void;
  /** Ends the socket: the worker exits, streams fail. */
  close(): void;
}

export interface NativeSlots {
  /** Six numbers a slot: index, data start, data length, frame start, frame length (-1 = none), all zero (0 or 1). */
  readonly rows: Float64Array;
  /** Chunk rows of all slots, and where each slot's begin. */
  readonly chunks: Buffer;
  readonly chunkStarts: Uint32Array;
}

export interface NativeReadStream {
  /** The stream's memory; slots are views of it. */
  area(): Buffer;
  /** Whatever is ready, in order; null when nothing is. */
  take(max: number): NativeSlots | NativeError | 'end' | null;
  release(index: number): void;
  /** Stops reading and waking; slots that are held stay valid. */
  abort(): void;
  /** Once no slot is held: gives the memory back. */
  close(): void;
}

export interface NativeDamage {
  readonly archive: number;
  readonly fileOffset: number;
  readonly diskOffset: number;
  readonly length: number;
  readonly kind: 'digest' | 'frame' | 'read';
  readonly text: string;
}

export interface NativeWriteTotals {
  readonly checkedBytes: number;
  readonly writtenBytes: number;
  readonly zeroBytes: number;
  /** At most the first ten thousand; `damagedPieces` counts all. */
  readonly damage: readonly NativeDamage[];
  readonly damagedPieces: number;
}

export interface NativeWriteStream {
  /** Queues copies of the rows; `onWake` tells when `pending()` has fallen. */
  push(rows: Uint8Array): void;
  /** Rows that are queued and not yet done. */
  pending(): number;
  failure(): NativeError | null;
  totals(): NativeWriteTotals;
  /** Drops what is queued; what is in flight finishes by itself. */
  abort(): void;
  /** True once no thread uses the archives and nothing is on its way to the disk. */
  idle(): boolean;
  /** After the last push: no more wakes, memory back once idle. */
  close(): void;
}

export interface NativeSink {
  /** Hands the buffers over, in order; `onDone(id, error)` follows. */
  write(id: number, buffers: readonly Uint8Array[]): void;
  hole(id: number, bytes: number): void;
  sync(id: number): void;
  close(id: number): void;
  /** After the answer to `close`: ends the thread. */
  stop(): void;
}

export interface NativeBlake3 {
  update(data: Uint8Array): void;
  digest(): Buffer;
}

interface Addon {
  blake3(data: Uint8Array): Buffer;
  /** Name of the hash kernel in use: portable, sse2, avx2, avx512. */
  blake3Kernel(): string;
  Blake3: new () => NativeBlake3;
  zstdFrame(data: Uint8Array, level: number): Buffer;
  zstdDecode(frame: Uint8Array, size: number): Buffer;
  isZero(data: Uint8Array): boolean;
  Link: new (onReplies: (replies: readonly NativeReply[], closed: boolean) => void) => NativeLink;
  ReadStream: new (
    link: NativeLink,
    options: {
      readonly disk: number;
      readonly extents: Float64Array;
      readonly chunkBytes: number;
      readonly slotBytes: number;
      readonly depth: number;
      readonly compressLevel: number | undefined;
    },
    onWake: () => void,
  ) => NativeReadStream;
  WriteStream: new (
    link: NativeLink | null,
    options: {
      readonly disk: number;
      readonly archives: readonly number[];
      readonly slotBytes: number;
      readonly depth: number;
      readonly collectDamage: boolean;
    },
    onWake: () => void,
  ) => NativeWriteStream;
  FileSink: new (
    fd: number,
    options: { readonly direct: boolean; readonly rolling: boolean },
    onDone: (ids: readonly number[], errors: readonly (NativeError | null)[]) => void,
  ) => NativeSink;
}

const require = createRequire(import.meta.url);

/** The compiled addon; built by `npm run build:native`. */
export const addon = require('../../../native/build/Release/coldframe.node') as Addon;
