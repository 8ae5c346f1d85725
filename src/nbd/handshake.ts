import type { Socket } from 'node:net';

import type { NbdExport } from './block-source.ts';
import type { ByteReader } from './byte-reader.ts';
import { decodeExportChoice, decodeMetaContextQuery } from './option-data.ts';
import {
  allocationContext,
  blockSizes,
  clientNoZeroes,
  exportFlags,
  handshakeFlags,
  handshakeMagic,
  infoTypes,
  maxOptionBytes,
  optionMagic,
  optionReplies,
  optionReply,
  options,
} from './protocol.ts';

/** What client and server agreed on. */
export interface Agreement {
  readonly served: NbdExport;
  readonly structured: boolean;
  /** The client may ask for `base:allocation`. */
  readonly allocation: boolean;
}

interface Option {
  readonly option: number;
  readonly data: Buffer;
}

/** Negotiates until the client has chosen an export; undefined when it left or broke the rules. */
export async function shakeHands(
  socket: Socket,
  reader: ByteReader,
  exports: readonly NbdExport[],
): Promise<Agreement | undefined> {
  const flags = Buffer.alloc(2);
  flags.writeUInt16BE(handshakeFlags);
  socket.write(Buffer.concat([handshakeMagic, flags]));
  const clientFlags = (await reader.take(4))?.readUInt32BE(0);
  if (clientFlags === undefined || clientFlags > handshakeFlags) return undefined;
  const negotiation = new Negotiation(socket, exports);
  for (;;) {
    const option = await nextOption(reader);
    if (option === undefined) return undefined;
    if (option.option === options.exportName)
      return negotiation.byName(option.data, (clientFlags & clientNoZeroes) !== 0);
    if (option.option === options.abort) {
      socket.write(optionReply(option.option, optionReplies.ack));
      return undefined;
    }
    const agreement = negotiation.answer(option);
    if (agreement !== undefined) return agreement;
  }
}

async function nextOption(reader: ByteReader): Promise<Option | undefined> {
  const head = await reader.take(16);
  if (head === undefined || head.readBigUInt64BE(0) !== optionMagic) return undefined;
  const length = head.readUInt32BE(12);
  if (length > maxOptionBytes) return undefined;
  const data = await reader.take(length);
  return data === undefined ? undefined : { option: head.readUInt32BE(8), data };
}

class Negotiation {
  readonly #socket: Socket;
  readonly #exports: readonly NbdExport[];
  #structured = false;
  /** The export that `base:allocation` was agreed on for. */
  #allocationOf: NbdExport | undefined;

  constructor(socket: Socket, exports: readonly NbdExport[]) {
    this.#socket = socket;
    this.#exports = exports;
  }

  /** The agreement, once the client goes. */
  answer({ option, data }: Option): Agreement | undefined {
    switch (option) {
      case options.list:
        this.#list(data);
        return undefined;
      case options.structuredReply:
        this.#structured = data.length === 0;
        this.#reply(option, this.#structured ? optionReplies.ack : optionReplies.invalid);
        return undefined;
      case options.info:
        this.#describe(option, data);
        return undefined;
      case options.go:
        return this.#agree(this.#describe(option, data));
      case options.listMetaContext:
      case options.setMetaContext:
        this.#metaContexts(option, data);
        return undefined;
      default:
        this.#reply(option, optionReplies.unsupported);
        return undefined;
    }
  }

  /** The old way to choose, which has no words for "no": the connection ends instead. */
  byName(data: Buffer, noZeroes: boolean): Agreement | undefined {
    const served = this.#find(data.toString('utf8'));
    if (served === undefined) return undefined;
    const padding = Buffer.alloc(noZeroes ? 0 : 124);
    this.#socket.write(Buffer.concat([sizeAndFlags(served), padding]));
    return this.#agree(served);
  }

  #agree(served: NbdExport | undefined): Agreement | undefined {
    if (served === undefined) return undefined;
    const structured = this.#structured;
    return { served, structured, allocation: structured && this.#allocationOf === served };
  }

  #list(data: Buffer): void {
    if (data.length > 0) return this.#reply(options.list, optionReplies.invalid);
    for (const { name, description } of this.#exports)
      this.#reply(
        options.list,
        optionReplies.server,
        Buffer.concat([lengthAnd(name), Buffer.from(description)]),
      );
    this.#reply(options.list, optionReplies.ack);
  }

  #describe(option: number, data: Buffer): NbdExport | undefined {
    const choice = decodeExportChoice(data);
    const served = choice && this.#find(choice.name);
    if (choice === undefined) this.#reply(option, optionReplies.invalid);
    else if (served === undefined) this.#reply(option, optionReplies.unknownExport);
    else {
      this.#info(option, infoTypes.export, sizeAndFlags(served));
      if (choice.wanted.includes(infoTypes.description))
        this.#info(option, infoTypes.description, Buffer.from(served.description));
      if (choice.wanted.includes(infoTypes.blockSize)) {
        const sizes = Buffer.alloc(12);
        sizes.writeUInt32BE(blockSizes.minimum, 0);
        sizes.writeUInt32BE(blockSizes.preferred, 4);
        sizes.writeUInt32BE(blockSizes.maximum, 8);
        this.#info(option, infoTypes.blockSize, sizes);
      }
      this.#reply(option, optionReplies.ack);
    }
    return served;
  }

  #metaContexts(option: number, data: Buffer): void {
    const query = decodeMetaContextQuery(data);
    const setting = option === options.setMetaContext;
    if (setting) this.#allocationOf = undefined;
    if (query === undefined || !this.#structured) return this.#reply(option, optionReplies.invalid);
    const served = this.#find(query.name);
    if (served === undefined) return this.#reply(option, optionReplies.unknownExport);
    const { name, id } = allocationContext;
    const all = !setting && (query.queries.length === 0 || query.queries.includes('base:'));
    if (all || query.queries.includes(name)) {
      if (setting) this.#allocationOf = served;
      const idBytes = Buffer.alloc(4);
      idBytes.writeUInt32BE(setting ? id : 0);
      this.#reply(option, optionReplies.metaContext, Buffer.concat([idBytes, Buffer.from(name)]));
    }
    this.#reply(option, optionReplies.ack);
  }

  /** The empty name is the only export there is. */
  #find(name: string): NbdExport | undefined {
    if (name === '' && this.#exports.length === 1) return this.#exports[0];
    return this.#exports.find((each) => each.name === name);
  }

  #info(option: number, type: number, data: Buffer): void {
    const kind = Buffer.alloc(2);
    kind.writeUInt16BE(type);
    this.#reply(option, optionReplies.info, Buffer.concat([kind, data]));
  }

  #reply(option: number, type: number, data?: Buffer): void {
    this.#socket.write(optionReply(option, type, data));
  }
}

function sizeAndFlags({ source }: NbdExport): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeBigUInt64BE(BigInt(source.capacityBytes), 0);
  bytes.writeUInt16BE(exportFlags, 8);
  return bytes;
}

function lengthAnd(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
