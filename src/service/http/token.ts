import { randomBytes } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Secret } from '#core/secret.ts';

/**
 * The token that the command line on this machine uses: whoever may read the data folder
 * may use the API. Made anew at each start, so that an old copy is worth nothing.
 */
export async function makeToken(dataDir: string): Promise<Secret> {
  const path = join(dataDir, 'api-token');
  await rm(path, { force: true });
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(`${randomBytes(32).toString('hex')}\n`);
  return new Secret((await readFile(path, 'utf8')).trim());
}
