import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { ColdframeError, toErrorRecord } from '#core/error.ts';

import type { GuestFiles } from './guest-files.ts';

export interface FilesServer extends AsyncDisposable {
  readonly socket: string;
}

/** `/volumes`, `/entries?path=&from=&limit=` and `/content?path=`; failures are error records with status 400. */
export async function serveFiles(files: GuestFiles, socket: string): Promise<FilesServer> {
  const server = createServer((request, response) => {
    void answer(files, request.url ?? '/', response); // handles its own failures
  });
  server.listen(socket);
  await once(server, 'listening');
  await chmod(socket, 0o600);
  return {
    socket,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(files: GuestFiles, address: string, response: ServerResponse): Promise<void> {
  try {
    const { pathname, searchParams } = new URL(address, 'http://localhost');
    const path = searchParams.get('path') ?? '/';
    if (pathname === '/volumes') sendJson(response, 200, files.found);
    else if (pathname === '/entries') {
      const from = Number(searchParams.get('from') ?? 0);
      const limit = Number(searchParams.get('limit') ?? 500);
      sendJson(response, 200, await files.list(path, { from, limit }));
    } else if (pathname === '/content') await sendContent(files, path, response);
    else throw new ColdframeError('not-found', `The file browser has no ${pathname}.`);
  } catch (error) {
    // Once bytes are on their way only a broken connection says that they are not all.
    if (response.headersSent) response.destroy();
    else sendJson(response, 400, toErrorRecord(error));
  }
}

async function sendContent(
  files: GuestFiles,
  path: string,
  response: ServerResponse,
): Promise<void> {
  const { kind, bytes, parts } = await files.open(path);
  response.writeHead(200, {
    'content-type': kind === 'tar' ? 'application/x-tar' : 'application/octet-stream',
    ...(bytes === undefined ? {} : { 'content-length': bytes }),
  });
  await pipeline(Readable.from(parts, { objectMode: false }), response);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
