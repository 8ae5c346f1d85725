import { readFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';

import type { Problem } from '#core/api.ts';
import { ColdframeError, errorCodes, fromErrorRecord, type ErrorCode } from '#core/error.ts';

export interface ApiClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  delete(path: string): Promise<void>;
  /** Bytes as they come. */
  content(path: string): Promise<IncomingMessage>;
  /** Events of a stream, parsed, until it ends. */
  events<T>(path: string): AsyncGenerator<T>;
}

export interface ApiClientOptions {
  readonly dataDir: string;
  readonly signal: AbortSignal;
}

/** Talks to the service of a data folder over its Unix socket. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await open(options, { method, path, body });
    const text = await readAll(answer);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body),
    delete: (path) => call('DELETE', path),
    content: (path) => open(options, { method: 'GET', path, body: undefined }),
    async *events<T>(path: string): AsyncGenerator<T> {
      const answer = await open(options, { method: 'GET', path, body: undefined });
      answer.setEncoding('utf8');
      let text = '';
      for await (const part of answer) {
        text += String(part);
        const blocks = text.split('\n\n');
        text = blocks.pop()!;
        for (const block of blocks) {
          const data = block.split('\n').filter((line) => line.startsWith('data: '));
          if (data.length > 0) yield JSON.parse(data.map((line) => line.slice(6)).join('\n')) as T;
        }
      }
    },
  };
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

async function open(options: ApiClientOptions, call: Call): Promise<IncomingMessage> {
  const { dataDir, signal } = options;
  const token = await readToken(dataDir);
  const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
  const socketPath = await readSocketPath(dataDir);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(
      {
        socketPath,
        method: call.method,
        path: `/api/v1${call.path}`,
        signal,
        headers: {
          host: 'localhost',
          authorization: `Bearer ${token}`,
          ...(payload === undefined
            ? {}
            : {
                'content-type': 'application/json',
                'content-length': Buffer.byteLength(payload),
              }),
        },
      },
      resolve,
    );
    sent.on('error', reject);
    sent.end(payload);
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw notRunning(dataDir, error);
  });
  if ((answer.statusCode ?? 500) < 400) return answer;
  throw errorOf(answer.statusCode ?? 500, await readAll(answer));
}

async function readToken(dataDir: string): Promise<string> {
  try {
    return (await readFile(join(dataDir, 'api-token'), 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES')
      throw new ColdframeError(
        'no-permission',
        `You may not read ${dataDir}. Run this command as root, or as the user that the service runs as.`,
        { cause: error },
      );
    throw notRunning(dataDir, error);
  }
}

/** The service writes down where it listens; by default in its data folder. */
async function readSocketPath(dataDir: string): Promise<string> {
  const written = await readFile(join(dataDir, 'api-socket'), 'utf8').catch(() => '');
  return written.trim() || join(dataDir, 'coldframe.sock');
}

/** A missing or deaf socket says no more than the sentence does; other causes are told. */
function notRunning(dataDir: string, cause: unknown): ColdframeError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const plain = code === 'ENOENT' || code === 'ECONNREFUSED';
  return new ColdframeError(
    'unreachable',
    `The coldframe service of ${dataDir} is not running. Start it ("systemctl start coldframe", or "coldframe service run"), or name its folder with --data-dir.`,
    plain ? {} : { cause },
  );
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function errorOf(status: number, text: string): ColdframeError {
  try {
    const problem = JSON.parse(text) as Problem;
    if (isErrorCode(problem.code))
      return fromErrorRecord({
        code: problem.code,
        message: problem.detail,
        ...(problem.details === undefined ? {} : { details: problem.details }),
        ...(problem.cause === undefined ? {} : { cause: problem.cause }),
      });
  } catch {
    // Not one of our answers; said below.
  }
  return new ColdframeError('internal', `The service answered ${status}: ${text.slice(0, 200)}`);
}

function isErrorCode(code: unknown): code is ErrorCode {
  return errorCodes.includes(code as ErrorCode);
}
