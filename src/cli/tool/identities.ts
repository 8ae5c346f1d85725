import { readFile } from 'node:fs/promises';

import { parseIdentities } from '#archive/age-keys.ts';
import { ColdframeError } from '#core/error.ts';
import type { Secret } from '#core/secret.ts';

import type { OptionSpec } from '../command.ts';

export const identityOption: OptionSpec = {
  value: 'FILE',
  short: 'i',
  summary: 'identity file of age, for encrypted archives; may be repeated',
  many: true,
};

/** The keys of all files named. */
export async function loadIdentities(files: readonly string[]): Promise<readonly Secret[]> {
  const identities: Secret[] = [];
  for (const file of files) identities.push(...(await parseIdentities(await textOf(file), file)));
  return identities;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ColdframeError('invalid-input', `The identity file ${file} cannot be read.`, {
      cause,
    });
  }
}
