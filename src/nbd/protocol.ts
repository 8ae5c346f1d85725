/** Numbers of the NBD protocol (doc/proto.md of the NBD project). Everything is big-endian. */

export const handshakeMagic = Buffer.from('NBDMAGICIHAVEOPT', 'latin1');
export const optionMagic = handshakeMagic.readBigUInt64BE(8);
export const optionReplyMagic = 0x0003_e889_0455_65a9n;
export const requestMagic = 0x2560_9513;
export const simpleReplyMagic = 0x6744_6698;
export const structuredReplyMagic = 0x668e_33ef;

/** Fixed newstyle, and no padding behind an EXPORT_NAME's answer for clients that say so too. */
export const handshakeFlags = 0b11;
export const clientNoZeroes = 0b10;

export const options = {
  exportName: 1,
  abort: 2,
  list: 3,
  info: 6,
  go: 7,
  structuredReply: 8,
  listMetaContext: 9,
  setMetaContext: 10,
} as const;

const optionError = 0x8000_0000;
export const optionReplies = {
  ack: 1,
  server: 2,
  info: 3,
  metaContext: 4,
  unsupported: optionError + 1,
  invalid: optionError + 3,
  unknownExport: optionError + 6,
} as const;

export const infoTypes = { export: 0, description: 2, blockSize: 3 } as const;

/** Has flags, is read-only, takes flush and "don't fragment", several connections see the same. */
export const exportFlags = 0x1 | 0x2 | 0x4 | 0x80 | 0x100;

export const commands = {
  read: 0,
  write: 1,
  disconnect: 2,
  flush: 3,
  trim: 4,
  writeZeroes: 6,
  blockStatus: 7,
} as const;
export const commandFlags = { dontFragment: 0x4, requestOne: 0x8 } as const;

export const replyTypes = {
  none: 0,
  offsetData: 1,
  offsetHole: 2,
  blockStatus: 5,
  error: 0x8001,
} as const;
export const replyDone = 1;

export const errorNumbers = { readOnly: 1, io: 5, invalid: 22, overflow: 75 } as const;

export const allocationContext = { name: 'base:allocation', id: 1 } as const;
/** Of `base:allocation`: not allocated, reads as zeros. */
export const allocationStates = { data: 0, zero: 2, unmapped: 3 } as const;

/** Least, preferred and greatest request. */
export const blockSizes = { minimum: 1, preferred: 65_536, maximum: 32 * 1024 * 1024 } as const;

/** More than any option of ours needs; a name has at most 4096 bytes. */
export const maxOptionBytes = 64 * 1024;
export const requestBytes = 28;

export interface Request {
  readonly flags: number;
  readonly type: number;
  readonly cookie: bigint;
  readonly offset: number;
  readonly length: number;
}

/** undefined when it is no request. An offset beyond 2^53 becomes one beyond any disk. */
export function decodeRequest(bytes: Buffer): Request | undefined {
  if (bytes.readUInt32BE(0) !== requestMagic) return undefined;
  return {
    flags: bytes.readUInt16BE(4),
    type: bytes.readUInt16BE(6),
    cookie: bytes.readBigUInt64BE(8),
    offset: Number(bytes.readBigUInt64BE(16)),
    length: bytes.readUInt32BE(24),
  };
}

export function simpleReply(cookie: bigint, error: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(simpleReplyMagic, 0);
  head.writeUInt32BE(error, 4);
  head.writeBigUInt64BE(cookie, 8);
  return head;
}

/** The head of a structured reply's chunk; `fields` is what stands before data, if any. */
export function structuredReply(
  cookie: bigint,
  part: {
    readonly type: number;
    readonly done: boolean;
    readonly fields: Buffer;
    readonly dataBytes?: number;
  },
): Buffer {
  const head = Buffer.alloc(20 + part.fields.length);
  head.writeUInt32BE(structuredReplyMagic, 0);
  head.writeUInt16BE(part.done ? replyDone : 0, 4);
  head.writeUInt16BE(part.type, 6);
  head.writeBigUInt64BE(cookie, 8);
  head.writeUInt32BE(part.fields.length + (part.dataBytes ?? 0), 16);
  part.fields.copy(head, 20);
  return head;
}

export function optionReply(option: number, type: number, data: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(20);
  head.writeBigUInt64BE(optionReplyMagic, 0);
  head.writeUInt32BE(option, 8);
  head.writeUInt32BE(type, 12);
  head.writeUInt32BE(data.length, 16);
  return Buffer.concat([head, data]);
}
