import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { parseIdentities } from '#archive/age-keys.ts';
import type { Secret } from '#core/secret.ts';

const run = promisify(execFile);

/** A key pair that age-keygen made. */
export interface AgeKey {
  readonly recipient: string;
  readonly identityFile: string;
  readonly identity: Secret;
}

export async function ageKey(identityFile: string): Promise<AgeKey> {
  const { stdout } = await run('age-keygen');
  await writeFile(identityFile, stdout, { mode: 0o600 });
  const recipient = /public key: (age1\w+)/.exec(stdout)![1]!;
  const [identity] = await parseIdentities(stdout, identityFile);
  return { recipient, identityFile, identity: identity! };
}

/** Encrypts a file with age itself. */
export async function ageEncrypt(from: string, to: string, recipients: readonly string[]) {
  await run('age', [...recipients.flatMap((each) => ['-r', each]), '-o', to, from]);
}

/** Decrypts a file with age itself. */
export async function ageDecrypt(from: string, to: string, identityFile: string): Promise<void> {
  await run('age', ['-d', '-i', identityFile, '-o', to, from]);
}
