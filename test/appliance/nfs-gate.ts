import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { nfsOperations, type NfsOperation } from './nfs-call.ts';

/**
 * A relay between NFS clients and their server that can stand still: at once, or just before the first call with
 * a certain operation reaches the server. While it stands, connections stay open and nothing passes.
 */
export class NfsGate implements AsyncDisposable {
  readonly #server: Server;
  readonly #serverPort: number;
  readonly #lanes = new Set<Lane>();
  #waitingFor: { readonly operation: NfsOperation; readonly reached: () => void } | undefined;
  #held = false;

  private constructor(server: Server, serverPort: number) {
    this.#server = server;
    this.#serverPort = serverPort;
    server.on('connection', (client) => this.#open(client));
  }

  static async before(serverPort: number): Promise<NfsGate> {
    const server = createServer({ pauseOnConnect: true });
    const gate = new NfsGate(server, serverPort);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return gate;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  stall(): void {
    this.#held = true;
  }

  /** Stands still before the next call with this operation; resolves when that has come. */
  stallAt(operation: NfsOperation): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waitingFor = { operation, reached: resolve };
    return promise;
  }

  goOn(): void {
    this.#waitingFor = undefined;
    this.#held = false;
    for (const lane of this.#lanes) lane.drain();
  }

  #open(client: Socket): void {
    const server = connect(this.#serverPort, '127.0.0.1');
    const lane: Lane = { drain: () => undefined };
    const up = new Relay(server, (call) => this.#mayPass(call));
    const down = new Relay(client, () => !this.#held);
    lane.drain = () => {
      up.drain();
      down.drain();
    };
    this.#lanes.add(lane);
    client.on('data', (chunk: Buffer) => up.add(chunk));
    server.on('data', (chunk: Buffer) => down.add(chunk));
    const close = (): void => {
      this.#lanes.delete(lane);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      socket.on('error', close);
      socket.on('close', close);
    }
    client.resume();
  }

  #mayPass(call: Buffer): boolean {
    const { operation, reached } = this.#waitingFor ?? {};
    if (operation !== undefined && !this.#held && nfsOperations(call).includes(operation)) {
      this.#held = true;
      reached?.();
    }
    return !this.#held;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.goOn();
    this.#server.close();
  }
}

interface Lane {
  drain: () => void;
}

/** One direction: whole records of RPC over TCP, in order, each when it may pass. */
class Relay {
  readonly #to: Socket;
  readonly #mayPass: (record: Buffer) => boolean;
  #waiting = Buffer.alloc(0);

  constructor(to: Socket, mayPass: (record: Buffer) => boolean) {
    this.#to = to;
    this.#mayPass = mayPass;
  }

  add(chunk: Buffer): void {
    this.#waiting = Buffer.concat([this.#waiting, chunk]);
    this.drain();
  }

  drain(): void {
    while (this.#waiting.length >= 4) {
      // The top bit marks the last fragment; clients send each call as one.
      const end = 4 + (this.#waiting.readUInt32BE(0) & 0x7fff_ffff);
      if (this.#waiting.length < end || !this.#mayPass(this.#waiting.subarray(4, end))) return;
      this.#to.write(this.#waiting.subarray(0, end));
      this.#waiting = this.#waiting.subarray(end);
    }
  }
}
