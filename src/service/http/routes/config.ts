import { z } from 'zod';

import type { ConfigDiff } from '#core/api.ts';
import { Secret } from '#core/secret.ts';

import type { ConfigFiles } from '../../operations/config-apply.ts';
import { configDocumentSchema } from '../../operations/config-schema.ts';
import { route, type BoundRoute } from '../route.ts';

const passphrase = z
  .string()
  .min(12, 'must have 12 characters or more')
  .transform((text) => new Secret(text));

export function configRoutes(config: ConfigFiles): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/config',
      summary: 'The configuration as a document, without secrets',
      handle: () => config.export(),
    }),
    route({
      method: 'POST',
      path: '/config/exports',
      summary: 'The configuration with passwords and keys, sealed to a passphrase',
      body: z.strictObject({ passphrase }),
      handle: ({ body }) => config.export(body.passphrase),
    }),
    route({
      method: 'POST',
      path: '/config/diffs',
      summary: 'What applying a configuration would change',
      body: z.strictObject({ document: configDocumentSchema }),
      handle: async ({ body }): Promise<ConfigDiff> => ({
        changes: await config.diff(body.document),
      }),
    }),
    route({
      method: 'POST',
      path: '/config/applications',
      summary: 'Add and change what a configuration says; nothing is removed',
      body: z.strictObject({
        document: configDocumentSchema,
        passphrase: passphrase.exactOptional(),
      }),
      handle: ({ body, signal }) => config.apply(body, signal),
    }),
  ];
}
