import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { ColdframeError } from '#core/error.ts';

import type { ServiceLog } from './log/logger.ts';
import type { PasswordStore } from './ports.ts';

/** What the appliance's first boot leaves in the data folder (appliance/firstboot/hand-over.ts). */
const handOverSchema = z.looseObject({
  version: z.literal(1),
  adminPasswordHash: z.string().startsWith('scrypt$').optional(),
});

/**
 * Takes over the password that was given at deployment, unless the administrator has
 * one already (an older data disk under a newer appliance). Endpoint and NFS target stay
 * in the file for whoever sets them up.
 */
export async function takeOverFirstBoot(options: {
  readonly dataDir: string;
  readonly passwords: PasswordStore;
  readonly log: ServiceLog;
}): Promise<void> {
  const { dataDir, passwords, log } = options;
  const path = join(dataDir, 'first-boot.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new ColdframeError('io', `${path} cannot be read.`, { cause: error });
  });
  if (text === undefined) return;
  const parsed = parse(text);
  if (parsed === undefined) {
    // The page asks its first visitor for a password instead.
    log.log('warn', `${path} is damaged and is left alone; set the first things in the page.`);
    return;
  }
  const { adminPasswordHash, ...rest } = parsed;
  if (adminPasswordHash === undefined) return;
  if ((await passwords.adminPasswordHash()) === undefined) {
    await passwords.setAdminPasswordHash(adminPasswordHash);
    log.log('info', 'The password given at deployment is in force.');
  }
  // Only now: a crash in between repeats the step and changes nothing.
  if (Object.keys(rest).length === 1) {
    await rm(path);
    return;
  }
  await writeFile(`${path}.new`, `${JSON.stringify(rest)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function parse(text: string): z.infer<typeof handOverSchema> | undefined {
  try {
    return handOverSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
