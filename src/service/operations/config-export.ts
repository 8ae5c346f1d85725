import type { Endpoint, RepositoryConfig } from '#core/config.ts';
import { configVersion } from '#core/config-document.ts';
import type { Job } from '#core/job.ts';
import type { Secret } from '#core/secret.ts';

import type { EndpointStore, JobStore, RepositoryStore } from '../ports.ts';
import { sealToPassphrase } from '../passphrase.ts';
import type { ArchiveKeyStore } from './archive-keys.ts';
import type { ConfigDocument, SealedSecrets } from './config-schema.ts';

export type ConfigStore = EndpointStore &
  RepositoryStore &
  JobStore &
  Pick<ArchiveKeyStore, 'unlockArchiveKeys'>;

/** What is set up now. With a passphrase, passwords and kept keys are in it, sealed. */
export async function exportConfig(
  store: ConfigStore,
  passphrase?: Secret,
): Promise<ConfigDocument> {
  const endpoints = await store.listEndpoints();
  const repositories = await store.listRepositories();
  const nameOf = (all: readonly { readonly id: string; readonly name: string }[], id: string) =>
    all.find((each) => each.id === id)?.name ?? id;
  const jobs = (await store.listJobs()).map((job) => ({
    ...jobInFile(job),
    endpoint: nameOf(endpoints, job.endpointId),
    repository: nameOf(repositories, job.repositoryId),
  }));
  return {
    coldframe: 'configuration',
    version: configVersion,
    endpoints: endpoints.map(endpointInFile),
    repositories: repositories.map(repositoryInFile),
    jobs,
    ...(passphrase === undefined
      ? {}
      : { secrets: await sealToPassphrase(JSON.stringify(await secretsOf(store)), passphrase) }),
  };
}

function endpointInFile({ name, address, user, thumbprint }: Endpoint) {
  return { name, address, user, thumbprint: thumbprint ?? null };
}

function repositoryInFile({ name, root, nfs, encryptTo = [] }: RepositoryConfig) {
  // Where an export is mounted is the appliance's affair.
  return { name, ...(nfs === undefined ? { root } : { nfs }), encryptTo: [...encryptTo] };
}

function jobInFile(job: Job) {
  const {
    id: _id,
    createdAtMs: _createdAtMs,
    formerNames: _formerNames,
    endpointId: _endpointId,
    repositoryId: _repositoryId,
    ...rest
  } = job;
  const { selection, schedule = null, ...plain } = rest;
  const { include, exclude } = selection;
  return { ...plain, schedule, selection: { include: [...include], exclude: [...exclude] } };
}

async function secretsOf(store: ConfigStore): Promise<SealedSecrets> {
  const passwords: Record<string, string> = {};
  for (const { id, name } of await store.listEndpoints())
    passwords[name] = (await store.unlockEndpoint(id)).password.reveal();
  const keys = (await store.unlockArchiveKeys()).map(({ name, identity }) => ({
    name,
    identity: identity.reveal(),
  }));
  return { passwords, keys };
}
