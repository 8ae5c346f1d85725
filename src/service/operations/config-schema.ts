import { z } from 'zod';

import { configVersion } from '#core/config-document.ts';
import { nfsVersions } from '#core/nfs.ts';

import { jobChangeSchema } from './job-schema.ts';

/** The configuration as a file; what is left out stays as it is. */

const name = z.string().regex(/^[\w][\w. -]{0,62}$/, 'may hold letters, digits, space, and . _ -');

const endpoint = z.strictObject({
  name,
  address: z.string().min(1),
  user: z.string().min(1),
  /** Null: by certificate authority. */
  thumbprint: z.string().nullable().exactOptional(),
});

const repository = z.strictObject({
  name,
  /** A folder; left out for what the appliance mounts itself. */
  root: z.string().min(1).exactOptional(),
  nfs: z
    .strictObject({
      server: z.string(),
      port: z.number().int().min(1).max(65_535).exactOptional(),
      path: z.string().startsWith('/'),
      version: z.enum(nfsVersions),
    })
    .exactOptional(),
  /** Public keys of age; empty: new archives are not encrypted. */
  encryptTo: z.array(z.string()).max(20).exactOptional(),
});

const job = jobChangeSchema.extend({ name, endpoint: z.string(), repository: z.string() });

const uniqueNames = (list: readonly { readonly name: string }[]): boolean =>
  new Set(list.map((each) => each.name)).size === list.length;

function listOf<T extends z.ZodType<{ readonly name: string }>>(item: T) {
  return z.array(item).max(5000).refine(uniqueNames, 'has two things of one name').default([]);
}

export const configDocumentSchema = z.strictObject({
  coldframe: z.literal('configuration'),
  version: z.literal(configVersion),
  endpoints: listOf(endpoint),
  repositories: listOf(repository),
  jobs: listOf(job),
  /** Armored age file, sealed to a passphrase: `sealedSecretsSchema`. */
  secrets: z.string().exactOptional(),
});

export const sealedSecretsSchema = z.strictObject({
  passwords: z.record(z.string(), z.string()),
  keys: z.array(z.strictObject({ name, identity: z.string() })),
});

export type ConfigDocument = z.infer<typeof configDocumentSchema>;
export type SealedSecrets = z.infer<typeof sealedSecretsSchema>;
