import { randomBytes } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { ColdframeError } from '#core/error.ts';

export const credentialName = 'coldframe.secret-key';

/** Where the key for saved passwords comes from. */
export interface KeySource {
  readonly dataDir: string;
  /** systemd's $CREDENTIALS_DIRECTORY; its file `coldframe.secret-key` wins over the data folder's. */
  readonly credentialsDirectory?: string;
}

/** 32 bytes, kept as 64 hex digits in a file that only its owner may read; made at the first start. */
export async function loadSecretKey(source: KeySource): Promise<Buffer> {
  if (source.credentialsDirectory !== undefined) {
    const path = join(source.credentialsDirectory, credentialName);
    const text = await readIfThere(path);
    if (text !== undefined) return parseKey(text, path);
  }
  const path = join(source.dataDir, 'secret.key');
  const text = await readIfThere(path);
  if (text === undefined) return createKey(path);
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0)
    throw new ColdframeError(
      'invalid-input',
      `${path} can be read by other users. Run: chmod 600 ${path}`,
    );
  return parseKey(text, path);
}

async function createKey(path: string): Promise<Buffer> {
  const key = randomBytes(32);
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(`${key.toString('hex')}\n`);
  await file.sync();
  return key;
}

function parseKey(text: string, path: string): Buffer {
  const digits = text.trim();
  if (!/^[0-9a-fA-F]{64}$/.test(digits))
    throw new ColdframeError(
      'invalid-input',
      `${path} is not a coldframe key (64 hex digits). Put the saved one back, or remove it and enter the passwords again.`,
    );
  return Buffer.from(digits, 'hex');
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ColdframeError('io', `${path} cannot be read.`, { cause: error });
  }
}
