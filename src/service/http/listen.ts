import { chmod, lstat, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

import { ColdframeError } from '#core/error.ts';

/** The kernel's limit for the path of a Unix socket. */
const longestSocketPath = 107;
const graceMs = 2000;

export interface Listening extends AsyncDisposable {
  /** Where callers reach us: the socket's path, and the URL when TCP is on. */
  readonly socket: string;
  readonly url: string | undefined;
}

export interface ListenOptions {
  readonly socket: string;
  readonly host: string;
  readonly port?: number;
  readonly handler: RequestListener;
}

export async function listen(options: ListenOptions): Promise<Listening> {
  const { socket, host, port, handler } = options;
  if (Buffer.byteLength(socket) > longestSocketPath)
    throw new ColdframeError(
      'invalid-input',
      `The socket path ${socket} is longer than ${longestSocketPath} bytes. Choose a shorter data folder, or set "http.socket".`,
    );
  await using stack = new AsyncDisposableStack();
  // The catalog's lock says that no other service uses this data folder: the file is a leftover.
  await removeSocket(socket);
  const unix = stack.adopt(createServer(handler), close);
  await bound(unix, { path: socket }, socket);
  await chmod(socket, 0o600);
  let url: string | undefined;
  if (port !== undefined) {
    const tcp = stack.adopt(createServer(handler), close);
    await bound(tcp, { host, port }, `${host}:${port}`);
    const address = tcp.address() as AddressInfo;
    url = `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  }
  const kept = stack.move();
  return { socket, url, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function removeSocket(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined) return;
  if (!there.isSocket())
    throw new ColdframeError(
      'invalid-input',
      `${path} is a file and no socket. Remove it, or choose another "http.socket".`,
    );
  await rm(path, { force: true });
}

async function bound(
  server: Server,
  where: { readonly path: string } | { readonly host: string; readonly port: number },
  name: string,
): Promise<void> {
  server.listen(where);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ColdframeError(
      'io',
      `The service cannot listen on ${name}. Is the address in use, or the folder missing?`,
      { cause: error },
    );
  }
}

/** No new callers; those there may finish for a moment. */
async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(force);
}
