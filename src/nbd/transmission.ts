import { once } from 'node:events';
import type { Socket } from 'node:net';

import { toErrorRecord } from '#core/error.ts';

import type { ByteReader } from './byte-reader.ts';
import type { Agreement } from './handshake.ts';
import {
  blockSizes,
  commandFlags,
  commands,
  decodeRequest,
  errorNumbers,
  requestBytes,
  type Request,
} from './protocol.ts';
import { replyWith } from './replies.ts';

/** Requests of one connection that are worked on at the same time. */
const maxInFlight = 16;
/** 64 KiB of answer; a client asks on where it ends. */
const maxStates = 8192;

export interface TransmissionOptions {
  readonly socket: Socket;
  readonly reader: ByteReader;
  readonly agreement: Agreement;
  /** Told of reads that failed; the client hears of them too. */
  readonly onProblem: (error: unknown) => void;
}

/** Answers requests, in whatever order they get ready, until the client leaves or breaks the rules. */
export async function transmit(options: TransmissionOptions): Promise<void> {
  const { socket, reader } = options;
  const inFlight = new Set<Promise<void>>();
  for (;;) {
    const bytes = await reader.take(requestBytes);
    const request = bytes && decodeRequest(bytes);
    if (request === undefined || request.type === commands.disconnect) break;
    // Whatever the answer is, a write's data come behind it.
    if (request.type === commands.write && !(await reader.skip(request.length))) break;
    const answer = answerTo(request, options);
    inFlight.add(answer);
    void answer.finally(() => inFlight.delete(answer)); // never rejects, see below
    if (inFlight.size >= maxInFlight) await Promise.race(inFlight);
    if (socket.writableNeedDrain) await drained(socket);
  }
  await Promise.all(inFlight);
}

/** Until the client has taken what we wrote, or is gone. */
async function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]);
  } catch {
    // A broken connection shows in the next read.
  } finally {
    over.abort();
  }
}

async function answerTo(request: Request, options: TransmissionOptions): Promise<void> {
  const { agreement, socket, onProblem } = options;
  const { source } = agreement.served;
  const { type, flags, offset, length } = request;
  const replies = replyWith(socket, request, agreement.structured);
  try {
    switch (type) {
      case commands.read: {
        if (length > blockSizes.maximum)
          return replies.error(errorNumbers.overflow, 'the request is larger than 32 MiB');
        if (!isInside(request, source.capacityBytes))
          return replies.error(errorNumbers.invalid, 'the range is not on the disk');
        const whole = (flags & commandFlags.dontFragment) !== 0;
        return replies.data(await source.read(offset, length), whole);
      }
      case commands.blockStatus: {
        if (!agreement.allocation || length === 0 || !isInside(request, source.capacityBytes))
          return replies.error(errorNumbers.invalid, 'no such block status');
        const most = (flags & commandFlags.requestOne) !== 0 ? 1 : maxStates;
        return replies.states(source.states({ offset, length }, most));
      }
      case commands.flush:
        return replies.done();
      case commands.write:
      case commands.writeZeroes:
      case commands.trim:
        return replies.error(errorNumbers.readOnly, 'the export is read-only');
      default:
        return replies.error(errorNumbers.invalid, 'the command is not known');
    }
  } catch (error) {
    onProblem(error);
    replies.error(errorNumbers.io, toErrorRecord(error).message);
  }
}

function isInside({ offset, length }: Request, capacityBytes: number): boolean {
  return offset + length <= capacityBytes;
}
