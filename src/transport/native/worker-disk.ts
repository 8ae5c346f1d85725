import { ColdframeError } from '#core/error.ts';

import type { ReplyFields } from './addon.ts';
import type { OrderBook } from './order-book.ts';
import { readSlots } from './read-stream.ts';
import type { ReadStreamOptions } from './read-stream.ts';
import { bytesField, listField, numberField, textField } from './reply-field.ts';
import type { SlotBatch } from './slot.ts';
import { writePieces } from './write-stream.ts';
import type { WriteStream, WriteStreamOptions } from './write-stream.ts';

export interface WorkerDiskInfo {
  readonly capacityBytes: number;
  readonly logicalSectorBytes: number;
  readonly physicalSectorBytes: number;
  /** What really carries the bytes: hotadd, san, nbdssl, nbd, file or block. */
  readonly transport: string;
  /** Empty where the source has none. */
  readonly uuid: string;
}

/** Small enough that even a map of alternating grains is one modest message. */
const mapStepBytes = 64 * 1024 ** 3;

/** One open disk of a disk worker. Maps, metadata and close must not run beside a stream. */
export class WorkerDisk implements AsyncDisposable {
  readonly info: WorkerDiskInfo;
  readonly #orders: OrderBook;
  readonly #ended: Promise<ColdframeError>;
  readonly #disk: number;
  #closing: Promise<void> | undefined;

  /** `ended` tells how the worker's process ended, once it has. */
  constructor(orders: OrderBook, reply: ReplyFields, ended: Promise<ColdframeError>) {
    this.#orders = orders;
    this.#ended = ended;
    this.#disk = numberField(reply, 'disk');
    this.info = {
      capacityBytes: numberField(reply, 'capacityBytes'),
      logicalSectorBytes: numberField(reply, 'logicalSectorBytes'),
      physicalSectorBytes: numberField(reply, 'physicalSectorBytes'),
      transport: textField(reply, 'transport'),
      uuid: textField(reply, 'uuid'),
    };
  }

  /** Allocated byte ranges as pairs [offset, length, ...], merged; undefined where the source has no map. */
  async allocated(signal?: AbortSignal): Promise<Float64Array | undefined> {
    const pairs: number[] = [];
    const { capacityBytes } = this.info;
    for (let offset = 0; offset < capacityBytes; offset += mapStepBytes) {
      const length = Math.min(mapStepBytes, capacityBytes - offset);
      try {
        const reply = await this.#send('allocated', { offset, length }, signal);
        appendPairs(pairs, bytesField(reply, 'extents'));
      } catch (error) {
        if (isUnsupported(error)) return undefined;
        throw error;
      }
    }
    return Float64Array.from(pairs);
  }

  async metadata(signal?: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const flat = listField(await this.#send('metadata', {}, signal), 'pairs');
    const entries: [string, string][] = [];
    for (let i = 0; i + 1 < flat.length; i += 2) entries.push([flat[i]!, flat[i + 1]!]);
    return Object.fromEntries(entries);
  }

  async writeMetadata(key: string, value: string, signal?: AbortSignal): Promise<void> {
    await this.#send('writeMetadata', { key, value }, signal);
  }

  async *read(options: ReadStreamOptions): AsyncGenerator<SlotBatch> {
    const { extents } = options;
    const end = extents.length === 0 ? 0 : extents.at(-2)! + extents.at(-1)!;
    if (end > this.info.capacityBytes)
      throw new ColdframeError(
        'invalid-input',
        `Byte ${end} lies beyond the disk's ${this.info.capacityBytes} bytes.`,
      );
    try {
      yield* readSlots(this.#orders.link, this.#disk, options);
    } catch (error) {
      throw await this.#withStory(error);
    }
  }

  write(options: WriteStreamOptions): WriteStream {
    return writePieces(
      {
        link: this.#orders.link,
        disk: this.#disk,
        flush: (signal) => this.flush(signal),
        explain: (error) => this.#withStory(error),
      },
      options,
    );
  }

  /** Makes completed writes durable. */
  async flush(signal?: AbortSignal): Promise<void> {
    await this.#send('flush', {}, signal);
  }

  /** Waits for what is in flight and closes; later calls do nothing. */
  close(signal?: AbortSignal): Promise<void> {
    this.#closing ??= this.#send('close', {}, signal).then(() => undefined);
    return this.#closing;
  }

  /** Tidies up without a word: a failing close has no one to tell, and the worker's end closes all. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(() => undefined);
  }

  #send(
    name: string,
    fields: Readonly<Record<string, string | number>>,
    signal: AbortSignal | undefined,
  ): Promise<ReplyFields> {
    return this.#orders.send(name, { disk: this.#disk, ...fields }, signal);
  }

  /** A stream only sees the socket end; how the process ended is known a moment later. */
  async #withStory(error: unknown): Promise<unknown> {
    const died = error instanceof ColdframeError && error.code === 'process-died';
    return died ? this.#ended : error;
  }
}

function appendPairs(pairs: number[], bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at += 16) {
    const offset = bytes.readDoubleLE(at);
    const length = bytes.readDoubleLE(at + 8);
    const end = (pairs.at(-2) ?? -1) + (pairs.at(-1) ?? 0);
    if (end === offset) pairs[pairs.length - 1]! += length;
    else pairs.push(offset, length);
  }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof ColdframeError && error.details['name'] === 'COLDFRAME_NOT_SUPPORTED';
}
