import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { ColdframeError } from '#core/error.ts';

import type { ServerCertificate } from './certificate.ts';

export interface PageServer extends AsyncDisposable {
  readonly url: string;
}

/** The admin page speaks HTTPS only; live pages are cut off when the service stops. */
export async function listenForPages(options: {
  readonly host: string;
  readonly port: number;
  readonly certificate: ServerCertificate;
  readonly handler: RequestListener;
}): Promise<PageServer> {
  const { host, port, certificate, handler } = options;
  const server = createServer(
    { cert: certificate.cert, key: certificate.key, minVersion: 'TLSv1.2' },
    handler,
  );
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ColdframeError(
      'io',
      `The admin page cannot listen on ${host} port ${port}. Is the port in use, or is it below 1024 without the right to it?`,
      { cause: error },
    );
  }
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `https://${name}:${address.port}/`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
