import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { ColdframeError } from '#core/error.ts';

import type { NbdExport } from './block-source.ts';
import { ByteReader } from './byte-reader.ts';
import { shakeHands } from './handshake.ts';
import { transmit } from './transmission.ts';

/** A client that has not chosen an export by then is sent away. */
const handshakeMs = 30_000;
const maxConnections = 64;
/** The kernel's limit for the path of a Unix socket. */
const longestSocketPath = 107;

export type NbdAddress =
  /** A Unix socket; its folder says who else may come in, the socket itself is for the owner. */
  | { readonly socket: string }
  /** TCP on the loopback interface, for anybody on this machine; port 0 takes a free one. */
  | { readonly port: number };

export interface NbdServerOptions {
  readonly address: NbdAddress;
  readonly exports: readonly NbdExport[];
  /** Told of reads that failed; the clients hear of them too. */
  readonly onProblem: (error: unknown) => void;
}

/** Serves disks, read-only, until it is disposed of. */
export class NbdServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: NbdServerOptions;
  readonly #sockets = new Set<Socket>();

  private constructor(options: NbdServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => void this.#serve(socket)); // handles its own failures
    this.#server.maxConnections = maxConnections;
  }

  /** Throws 'invalid-input' or 'io' when it cannot listen there. */
  static async listen(options: NbdServerOptions): Promise<NbdServer> {
    const { address } = options;
    if ('socket' in address && Buffer.byteLength(address.socket) > longestSocketPath)
      throw new ColdframeError(
        'invalid-input',
        `The socket path ${address.socket} is longer than ${longestSocketPath} bytes. Choose a shorter one.`,
      );
    const server = new NbdServer(options);
    const name = 'socket' in address ? address.socket : `127.0.0.1:${address.port}`;
    server.#server.listen(
      'socket' in address ? { path: address.socket } : { port: address.port, host: '127.0.0.1' },
    );
    try {
      await once(server.#server, 'listening');
      if ('socket' in address) await chmod(address.socket, 0o600);
    } catch (cause) {
      throw new ColdframeError(
        'io',
        `The NBD server cannot listen on ${name}. Is something else listening there, a file left behind, or the folder missing?`,
        { cause },
      );
    }
    return server;
  }

  /** What a client is told to reach an export. */
  uri(name: string): string {
    const { address } = this.#options;
    const path = encodeURIComponent(name);
    if ('socket' in address) return `nbd+unix:///${path}?socket=${encodeURI(address.socket)}`;
    return `nbd://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    // What a vanished client means is seen by whoever reads or writes next.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.setTimeout(handshakeMs, () => socket.destroy());
    socket.setNoDelay(true);
    const reader = new ByteReader(socket);
    const { exports, onProblem } = this.#options;
    try {
      const agreement = await shakeHands(socket, reader, exports);
      if (agreement === undefined) return;
      socket.setTimeout(0);
      await transmit({ socket, reader, agreement, onProblem });
    } catch (error) {
      onProblem(error);
    } finally {
      socket.end();
      socket.destroySoon();
    }
  }
}
