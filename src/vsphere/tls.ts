import { Agent } from 'node:https';
import {
  connect,
  createSecureContext,
  getCACertificates,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { Duplex } from 'node:stream';
import { ColdframeError } from '#core/error.ts';

const handshakeTimeoutMs = 20_000;

/** How the server has to prove who it is. */
export interface Trust {
  /** Pinned SHA-256 of the leaf; when present nothing else counts. */
  readonly thumbprint?: string;
  /** PEM certificates to trust besides Node's and the operating system's. */
  readonly certificates?: readonly string[];
}

/**
 * Keep-alive agent that checks the certificate before the request gets the
 * socket: with a wrong one not a single byte of ours has left.
 */
export class TrustAgent extends Agent {
  readonly #trust: Trust;
  readonly #context: SecureContext | undefined;
  readonly #handshakes = new Set<TLSSocket>();
  #closed = false;
  /** SHA-1 of the leaf seen in the latest handshake, upper-case colon hex. */
  leafSha1: string | undefined;

  constructor(trust: Trust, maxSockets: number) {
    super({ keepAlive: true, maxSockets });
    this.#trust = trust;
    this.#context = trust.thumbprint === undefined ? trustedContext(trust) : undefined;
  }

  override createConnection(
    options: ConnectionOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | undefined {
    const pinned = this.#trust.thumbprint !== undefined;
    const socket = connect({
      ...options,
      rejectUnauthorized: !pinned,
      ...(this.#context === undefined ? {} : { secureContext: this.#context }),
      // The pin alone says who the server is; without one Node checks the host name.
      ...(pinned ? { checkServerIdentity: () => undefined } : {}),
    });
    this.#handshakes.add(socket);
    const done = (error: Error | null): void => {
      this.#handshakes.delete(socket);
      socket.removeListener('error', done);
      socket.removeListener('timeout', onTimeout);
      socket.setTimeout(0);
      if (error !== null) socket.destroy();
      callback?.(error, socket);
    };
    socket.once('error', done);
    const onTimeout = (): void => {
      socket.destroy(new Error('The TLS handshake took too long.'));
    };
    socket.setTimeout(handshakeTimeoutMs, onTimeout);
    socket.once('secureConnect', () => {
      done(this.#verify(socket.getPeerCertificate(), options));
    });
    return undefined;
  }

  /** Node's own forgets sockets that are still shaking hands. */
  override destroy(): void {
    this.#closed = true;
    for (const socket of this.#handshakes) socket.destroy(new Error('The connection was closed.'));
    super.destroy();
  }

  #verify(leaf: PeerCertificate, options: ConnectionOptions): Error | null {
    if (this.#closed) return new Error('The connection was closed.');
    this.leafSha1 = leaf.fingerprint;
    const expected = this.#trust.thumbprint;
    if (expected === undefined || sameThumbprint(expected, leaf.fingerprint256)) return null;
    return new ColdframeError(
      'certificate-changed',
      `The certificate of ${String(options.host)} is not the one that was confirmed: the server shows SHA-256 ${leaf.fingerprint256}. Compare that with the server's own console, then confirm it for this endpoint.`,
      { details: { expected, presented: leaf.fingerprint256 } },
    );
  }
}

/** Sets up a socket only to look at the certificate; nothing is trusted and nothing is sent. */
export function handshake(address: { host: string; port: number }): TLSSocket {
  const socket = connect({
    ...address,
    servername: isHostName(address.host) ? address.host : '',
    rejectUnauthorized: false,
  });
  socket.setTimeout(handshakeTimeoutMs, () => {
    socket.destroy(new Error('The TLS handshake took too long.'));
  });
  return socket;
}

function trustedContext(trust: Trust): SecureContext {
  const authorities = [
    ...getCACertificates('default'),
    ...getCACertificates('system'),
    ...(trust.certificates ?? []),
  ];
  return createSecureContext({ ca: [...new Set(authorities)] });
}

function isHostName(host: string): boolean {
  return /[a-z]/i.test(host) && !host.includes(':');
}

function sameThumbprint(a: string, b: string | undefined): boolean {
  const plain = (thumbprint: string): string => thumbprint.replaceAll(':', '').toUpperCase();
  return b !== undefined && plain(a) === plain(b);
}
