import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LabControl } from './lab-control.ts';

/** POST /<method> with the argument as JSON; answers the result as JSON, failures as 400 {error}. */
export class ControlServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(control: LabControl, port: number): Promise<ControlServer> {
    const server = createServer((request, response) => {
      void serve(control, request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return new ControlServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }
}

async function serve(
  control: LabControl,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = (request.url ?? '').slice(1);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const methods = control as unknown as Readonly<
    Record<string, (argument?: unknown) => Promise<unknown>>
  >;
  try {
    const found = Object.hasOwn(control, method) ? methods[method] : undefined;
    if (request.method !== 'POST' || found === undefined)
      throw new Error(`the lab has no method ${method}`);
    const result = await found(text === '' ? undefined : JSON.parse(text));
    reply(response, 200, result ?? null);
  } catch (thrown) {
    reply(response, 400, { error: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
