import type { IncomingMessage } from 'node:http';

import { ColdframeError } from '#core/error.ts';

const limitBytes = 1024 * 1024;

/** The request's JSON, or undefined for an empty body. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > limitBytes)
      throw new ColdframeError('invalid-input', 'The request body is larger than 1 MiB.');
    parts.push(part as Buffer);
  }
  if (size === 0) return undefined;
  const type = request.headers['content-type']?.split(';')[0]?.trim();
  if (type !== 'application/json')
    throw new ColdframeError('invalid-input', 'The request body must be application/json.');
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (error) {
    throw new ColdframeError('invalid-input', 'The request body is not JSON.', { cause: error });
  }
}
