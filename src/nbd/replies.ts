import type { Socket } from 'node:net';

import type { BlockRun, BlockState } from './block-source.ts';
import {
  allocationContext,
  allocationStates,
  errorNumbers,
  replyTypes,
  simpleReply,
  structuredReply,
  type Request,
} from './protocol.ts';

/** The answers to one request, in the form that was agreed on. Each is written in one go, so answers never mix. */
export interface Replies {
  /** `whole`: in one part, as the client asked. */
  data(runs: readonly BlockRun[], whole: boolean): void;
  states(states: readonly BlockState[]): void;
  done(): void;
  error(error: number, message: string): void;
}

/** The protocol's limit for a message is 4096 bytes. */
const maxMessageBytes = 1024;
const zeros = Buffer.alloc(1024 * 1024);
const nothing = Buffer.alloc(0);

export function replyWith(socket: Socket, request: Request, structured: boolean): Replies {
  const write = (parts: readonly Buffer[]): void => {
    if (socket.destroyed) return;
    socket.cork();
    for (const part of parts) socket.write(part);
    socket.uncork();
  };
  return structured ? structuredReplies(request, write) : simpleReplies(request, write);
}

type Write = (parts: readonly Buffer[]) => void;

function simpleReplies({ cookie }: Request, write: Write): Replies {
  const error = (number: number): void => write([simpleReply(cookie, number)]);
  return {
    data: (runs) => write([simpleReply(cookie, 0), ...runs.flatMap(bytesOf)]),
    // Block status is agreed on with structured replies only.
    states: () => error(errorNumbers.invalid),
    done: () => error(0),
    error,
  };
}

function structuredReplies(request: Request, write: Write): Replies {
  const { cookie } = request;
  const none = (): Buffer =>
    structuredReply(cookie, { type: replyTypes.none, done: true, fields: nothing });
  return {
    data(runs, whole) {
      if (request.length === 0) return write([none()]);
      if (!whole) return write(fragments(request, runs));
      const head = structuredReply(cookie, {
        type: replyTypes.offsetData,
        done: true,
        fields: offsetField(request.offset),
        dataBytes: request.length,
      });
      write([head, ...runs.flatMap(bytesOf)]);
    },
    states(states) {
      const fields = Buffer.alloc(4 + states.length * 8);
      fields.writeUInt32BE(allocationContext.id, 0);
      for (const [index, { length, kind }] of states.entries()) {
        fields.writeUInt32BE(length, 4 + index * 8);
        fields.writeUInt32BE(allocationStates[kind], 8 + index * 8);
      }
      write([structuredReply(cookie, { type: replyTypes.blockStatus, done: true, fields })]);
    },
    done: () => write([none()]),
    error(number, message) {
      const text = Buffer.from(message).subarray(0, maxMessageBytes);
      const head = Buffer.alloc(6);
      head.writeUInt32BE(number, 0);
      head.writeUInt16BE(text.length, 4);
      const fields = Buffer.concat([head, text]);
      write([structuredReply(cookie, { type: replyTypes.error, done: true, fields })]);
    },
  };
}

/** A part for each run: zeros cost twelve bytes. */
function fragments({ cookie, offset }: Request, runs: readonly BlockRun[]): Buffer[] {
  const parts: Buffer[] = [];
  let at = offset;
  for (const [index, { data, length }] of runs.entries()) {
    const done = index === runs.length - 1;
    if (data === undefined) {
      const fields = Buffer.concat([offsetField(at), Buffer.alloc(4)]);
      fields.writeUInt32BE(length, 8);
      parts.push(structuredReply(cookie, { type: replyTypes.offsetHole, done, fields }));
    } else {
      const fields = offsetField(at);
      const dataBytes = length;
      parts.push(
        structuredReply(cookie, { type: replyTypes.offsetData, done, fields, dataBytes }),
        data,
      );
    }
    at += length;
  }
  return parts;
}

function offsetField(offset: number): Buffer {
  const field = Buffer.alloc(8);
  field.writeBigUInt64BE(BigInt(offset));
  return field;
}

function bytesOf({ data, length }: BlockRun): Buffer[] {
  if (data !== undefined) return [data];
  const parts: Buffer[] = [];
  for (let left = length; left > 0; left -= zeros.length)
    parts.push(zeros.subarray(0, Math.min(left, zeros.length)));
  return parts;
}
