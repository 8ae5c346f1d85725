import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Readable } from 'node:stream';

import { ColdframeError, fromErrorRecord, type ErrorRecord } from '#core/error.ts';

export interface ContentStream {
  readonly kind: 'file' | 'tar';
  /** Of a file. */
  readonly bytes: number | undefined;
  /** Breaks off with an error when the content could not be read to its end. */
  readonly stream: Readable;
}

/** JSON from the process that holds a restore point open; throws what it answers. */
export async function askFiles<T>(socket: string, path: string, signal: AbortSignal): Promise<T> {
  return (await json(await send(socket, path, signal))) as T;
}

export async function filesContent(
  socket: string,
  path: string,
  signal: AbortSignal,
): Promise<ContentStream> {
  const answer = await send(socket, path, signal);
  const length = answer.headers['content-length'];
  return {
    kind: answer.headers['content-type'] === 'application/x-tar' ? 'tar' : 'file',
    bytes: length === undefined ? undefined : Number(length),
    stream: answer,
  };
}

async function send(socket: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const asked = request({ socketPath: socket, path, signal, headers: { host: 'localhost' } });
  asked.end();
  let answer: IncomingMessage;
  try {
    [answer] = (await once(asked, 'response')) as [IncomingMessage];
  } catch (cause) {
    signal.throwIfAborted();
    throw new ColdframeError('process-died', 'The file browser does not answer any more.', {
      cause,
    });
  }
  if (answer.statusCode === 200) return answer;
  throw fromErrorRecord((await json(answer)) as ErrorRecord);
}
