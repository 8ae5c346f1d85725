import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { ByteReader } from '#nbd/byte-reader.ts';
import { optionMagic, options, requestMagic } from '#nbd/protocol.ts';

/** Speaks NBD byte by byte, also what no well-behaved client would say. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket;
  readonly #reader: ByteReader;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#reader = new ByteReader(socket);
  }

  static async connect(path: string): Promise<RawClient> {
    const socket = connect(path);
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    return new RawClient(socket);
  }

  async take(length: number): Promise<Buffer> {
    const bytes = await this.#reader.take(length);
    if (bytes === undefined) throw new Error('the server hung up');
    return bytes;
  }

  /** True once the server has ended the connection. */
  async isLeft(): Promise<boolean> {
    return (await this.#reader.take(1)) === undefined;
  }

  /** Greeting and flags. */
  async greet(flags = 3): Promise<void> {
    await this.take(18);
    this.socket.write(uint32(flags));
  }

  option(option: number, data: Buffer = Buffer.alloc(0)): void {
    const head = Buffer.alloc(16);
    head.writeBigUInt64BE(optionMagic, 0);
    head.writeUInt32BE(option, 8);
    head.writeUInt32BE(data.length, 12);
    this.socket.write(Buffer.concat([head, data]));
  }

  async optionReply(): Promise<{ readonly type: number; readonly data: Buffer }> {
    const head = await this.take(20);
    return { type: head.readUInt32BE(12), data: await this.take(head.readUInt32BE(16)) };
  }

  /** Replies up to the one that ends the option. */
  async optionReplies(): Promise<readonly { readonly type: number; readonly data: Buffer }[]> {
    const replies = [await this.optionReply()];
    while ([2, 3, 4].includes(replies.at(-1)!.type)) replies.push(await this.optionReply());
    return replies;
  }

  async go(name: string): Promise<void> {
    this.option(options.go, Buffer.concat([text(name), Buffer.alloc(2)]));
    const replies = await this.optionReplies();
    if (replies.at(-1)!.type !== 1) throw new Error('the server did not agree');
  }

  request(fields: {
    readonly type: number;
    readonly flags?: number;
    readonly cookie?: bigint;
    readonly offset?: bigint;
    readonly length?: number;
    readonly magic?: number;
  }): void {
    const bytes = Buffer.alloc(28);
    bytes.writeUInt32BE(fields.magic ?? requestMagic, 0);
    bytes.writeUInt16BE(fields.flags ?? 0, 4);
    bytes.writeUInt16BE(fields.type, 6);
    bytes.writeBigUInt64BE(fields.cookie ?? 1n, 8);
    bytes.writeBigUInt64BE(fields.offset ?? 0n, 16);
    bytes.writeUInt32BE(fields.length ?? 0, 24);
    this.socket.write(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.closed) return;
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Length and text. */
export function text(value: string): Buffer {
  return Buffer.concat([uint32(Buffer.byteLength(value)), Buffer.from(value)]);
}
