import type { Clock } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';
import type { PeerCertificate } from 'node:tls';
import { parseAddress } from './address.ts';
import { withDeadline } from '#core/deadline.ts';
import { handshake } from './tls.ts';

const probeDeadlineMs = 30_000;

/** A server's leaf certificate, for an administrator to compare and confirm. */
export interface ServerCertificate {
  /** Upper-case colon hex. */
  readonly sha1: string;
  readonly sha256: string;
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601. */
  readonly validFrom: string;
  readonly validTo: string;
}

/** Reads the certificate of `host[:port]` without trusting it. Throws `unreachable`, `timeout`, `cancelled`. */
export async function probeCertificate(
  address: string,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<ServerCertificate> {
  const { host, port, authority } = parseAddress(address);
  const what = `Reading the certificate of ${authority}`;
  const options = { ...(signal === undefined ? {} : { signal }), ms: probeDeadlineMs, what };
  return withDeadline(clock, options, async (both) => {
    const socket = handshake({ host, port });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', resolve);
        socket.once('error', reject);
        both.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      });
      return describe(socket.getPeerCertificate());
    } catch (error) {
      throw new ColdframeError(
        'unreachable',
        `${authority} cannot be reached over TLS. Check the address and the network.`,
        { cause: error },
      );
    } finally {
      socket.destroy();
    }
  });
}

function describe(leaf: PeerCertificate): ServerCertificate {
  return {
    sha1: leaf.fingerprint,
    sha256: leaf.fingerprint256,
    subject: distinguishedName(leaf.subject),
    issuer: distinguishedName(leaf.issuer),
    validFrom: new Date(leaf.valid_from).toISOString(),
    validTo: new Date(leaf.valid_to).toISOString(),
  };
}

function distinguishedName(name: object): string {
  return Object.entries(name)
    .map(([key, value]) => `${key}=${[value].flat().join('+')}`)
    .join(', ');
}
