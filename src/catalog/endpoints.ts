import { z } from 'zod';

import type { Endpoint, EndpointWithPassword } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { Secret } from '#core/secret.ts';

import { endpointSchema } from './schema.ts';
import { sealSecret, unsealSecret } from './seal-secret.ts';
import type { Store } from './store.ts';
import { openTable } from './table.ts';

export interface Endpoints {
  /** By name. */
  listEndpoints(): Promise<readonly Endpoint[]>;
  getEndpoint(id: string): Promise<Endpoint | undefined>;
  /** With the password, decrypted; throws when there is no such endpoint. */
  unlockEndpoint(id: string): Promise<EndpointWithPassword>;
  /** Adds or replaces; without a password the saved one stays. */
  saveEndpoint(endpoint: Endpoint, password?: Secret): Promise<void>;
  removeEndpoint(id: string): Promise<void>;
}

export function openEndpoints(store: Store, key: Buffer): Endpoints {
  const endpoints = openTable(store, 'endpoints', endpointSchema);
  const secrets = openTable(store, 'secrets', z.string());
  const secretName = (id: string) => `endpoint/${id}`;
  return {
    listEndpoints: async () =>
      (await endpoints.values()).toSorted((a, b) => a.name.localeCompare(b.name)),
    getEndpoint: (id) => endpoints.get(id),
    async unlockEndpoint(id) {
      const endpoint = await endpoints.get(id);
      const sealed = await secrets.get(secretName(id));
      if (endpoint === undefined || sealed === undefined)
        throw new ColdframeError(
          'not-found',
          `There is no endpoint ${id}. See: coldframe endpoint list`,
        );
      return { ...endpoint, password: unsealSecret(key, secretName(id), sealed) };
    },
    async saveEndpoint(endpoint, password) {
      const name = secretName(endpoint.id);
      await store.write([
        endpoints.set(endpoint.id, endpoint),
        ...(password === undefined ? [] : [secrets.set(name, sealSecret(key, name, password))]),
      ]);
    },
    removeEndpoint: (id) => store.write([endpoints.remove(id), secrets.remove(secretName(id))]),
  };
}
