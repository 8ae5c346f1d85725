import { execFile } from 'node:child_process';
import { access, mkdir, rename } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FirstBootSettings } from './settings.ts';

const run = promisify(execFile);

/** On the data disk: an administrator who has accepted it keeps it through a redeployment. */
export const certificateFolder = '/var/lib/coldframe/tls';
const selfSigned =
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -addext basicConstraints=CA:FALSE -addext extendedKeyUsage=serverAuth'.split(
    ' ',
  );

/** Makes key and self-signed certificate if there are none; returns whether it did. */
export async function ensureCertificate(
  root: string,
  settings: FirstBootSettings,
): Promise<boolean> {
  const folder = join(root, certificateFolder);
  const [key, certificate] = [join(folder, 'server.key'), join(folder, 'server.crt')];
  if (await exists(certificate)) return false;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = settings.hostname ?? hostname();
  const address = settings.network.fixed?.address.split('/')[0];
  const names = [`DNS:${name}`, ...(address === undefined ? [] : [`IP:${address}`])];
  const subject = [
    '-subj',
    // A common name has 64 characters at most; what counts are the alternative names.
    `/O=coldframe/CN=${name.slice(0, 64)}`,
    '-addext',
    `subjectAltName=${names.join(',')}`,
  ];
  const output = ['-keyout', key, '-out', `${certificate}.new`];
  const timeout = 60_000;
  await run('openssl', [...selfSigned, ...subject, ...output], { timeout });
  await rename(`${certificate}.new`, certificate);
  return true;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
