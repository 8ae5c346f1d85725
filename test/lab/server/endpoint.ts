import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';
import { datastoreFile } from './datastore-files.ts';
import type { Dispatcher } from './dispatch.ts';
import { answer } from './dispatch.ts';
import { BrokenAnswer } from './faults.ts';

const versions = `<?xml version="1.0" encoding="UTF-8" ?>
<namespaces version="1.0"><namespace><name>urn:vim25</name><version>7.0.3.0</version><priorVersions>${[
  '7.0.2.0',
  '7.0.1.0',
  '7.0.0.0',
  '6.9.1',
  '6.8.7',
  '6.7.3',
  '6.7.2',
  '6.7.1',
  '6.7',
  '6.5',
  '6.0',
  '5.5',
]
  .map((version) => `<version>${version}</version>`)
  .join('')}</priorVersions></namespace></namespaces>`;

/** The HTTPS side: /sdk, /sdk/vimServiceVersions.xml and /folder. */
export class HttpsEndpoint {
  readonly #server: Server;
  readonly #dispatcher: Dispatcher;

  private constructor(server: Server, dispatcher: Dispatcher) {
    this.#server = server;
    this.#dispatcher = dispatcher;
    server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async listen(
    dispatcher: Dispatcher,
    { certificate, port }: { certificate: Certificate; port: number },
  ): Promise<HttpsEndpoint> {
    const server = createServer({ key: certificate.key, cert: certificate.cert });
    const endpoint = new HttpsEndpoint(server, dispatcher);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
    return endpoint;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://localhost');
    if (url.pathname === '/sdk' && request.method === 'POST') await this.#soap(request, response);
    else if (url.pathname === '/sdk/vimServiceVersions.xml') send(response, 200, versions);
    else if (url.pathname.startsWith('/folder/')) await this.#folder(url, request, response);
    else send(response, 404, 'Not found');
  }

  async #soap(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await readBody(request)).toString('utf8');
    const { connections } = this.#dispatcher.world;
    try {
      const result = await answer(this.#dispatcher, {
        body,
        connection: connections.find(request.headers.cookie),
        userAgent: request.headers['user-agent'] ?? '',
      });
      if (result.cookie !== undefined) response.setHeader('Set-Cookie', result.cookie);
      send(response, result.status, result.xml);
    } catch (thrown) {
      if (!(thrown instanceof BrokenAnswer)) throw thrown;
      if (thrown.kind === 'drop') request.socket.resetAndDestroy();
      if (thrown.kind === 'http-503')
        send(response, 503, '<html><body><h1>503 Service Unavailable</h1></body></html>');
    }
  }

  async #folder(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { world } = this.#dispatcher;
    const loggedIn = world.connections.find(request.headers.cookie) !== undefined;
    const body = await readBody(request);
    const result = await datastoreFile(world, {
      method: request.method ?? '',
      url,
      body,
      loggedIn,
    });
    send(response, result.status, result.body);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, body: string | Buffer): void {
  const type =
    typeof body === 'string' && body.startsWith('<?xml')
      ? 'text/xml; charset=utf-8'
      : 'application/octet-stream';
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
