import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ColdframeError } from '#core/error.ts';

const run = promisify(execFile);

export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
  /** SHA-256, upper-case colon hex: what the console shows and a browser's warning can be compared with. */
  readonly fingerprint: string;
  readonly validToMs: number;
}

/**
 * The page's certificate from `<dataDir>/tls`, self-signed at the first start. An
 * administrator replaces both files by ones of the house's authority.
 */
export async function serverCertificate(dataDir: string): Promise<ServerCertificate> {
  const folder = join(dataDir, 'tls');
  const [certFile, keyFile] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  let cert = await readFile(certFile, 'utf8').catch(() => undefined);
  if (cert === undefined) {
    await makeSelfSigned(folder, certFile, keyFile);
    cert = await readFile(certFile, 'utf8');
  }
  const key = await readFile(keyFile, 'utf8').catch((error: unknown) => {
    throw new ColdframeError(
      'io',
      `${keyFile} cannot be read. Put the certificate's key there, or remove ${certFile} to get a new pair.`,
      { cause: error },
    );
  });
  const parsed = parse(cert, certFile);
  return { cert, key, fingerprint: parsed.fingerprint256, validToMs: Date.parse(parsed.validTo) };
}

function parse(cert: string, file: string): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch (error) {
    throw new ColdframeError('invalid-input', `${file} is not a certificate in PEM form.`, {
      cause: error,
    });
  }
}

async function makeSelfSigned(folder: string, certFile: string, keyFile: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = [...new Set([hostname(), 'localhost'])].map((name) => `DNS:${name}`);
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ address }) => !address.startsWith('fe80:'))
    .map(({ address }) => `IP:${address}`);
  const fresh = { cert: `${certFile}.new`, key: `${keyFile}.new` };
  try {
    const kind = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 3650';
    const uses = '-addext extendedKeyUsage=serverAuth -addext basicConstraints=critical,CA:FALSE';
    const alternatives = `subjectAltName=${[...names, ...new Set(addresses)].join(',')}`;
    const subject = ['-subj', '/O=coldframe/CN=coldframe', '-addext', alternatives];
    const files = ['-keyout', fresh.key, '-out', fresh.cert];
    await run('openssl', [...kind.split(' '), ...subject, ...uses.split(' '), ...files]);
    await chmod(fresh.key, 0o600);
    // The certificate comes last: it is what says that the pair is there.
    await rename(fresh.key, keyFile);
    await rename(fresh.cert, certFile);
  } catch (error) {
    await rm(fresh.key, { force: true });
    throw new ColdframeError(
      'io',
      'The page\'s certificate cannot be made: is "openssl" installed?',
      { cause: error },
    );
  }
}
