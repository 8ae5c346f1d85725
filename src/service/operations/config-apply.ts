import type { ConfigApplied, ConfigOutcome } from '#core/api.ts';
import { compareConfig, type ConfigChange } from '#core/config-document.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import { Secret } from '#core/secret.ts';

import { openWithPassphrase } from '../passphrase.ts';
import type { ArchiveKeyRing } from './archive-keys.ts';
import { exportConfig, type ConfigStore } from './config-export.ts';
import { sealedSecretsSchema, type ConfigDocument, type SealedSecrets } from './config-schema.ts';
import type { Endpoints } from './endpoints.ts';
import type { JobDefinitions } from './job-definitions.ts';
import { newJobSchema } from './job-schema.ts';
import type { Repositories } from './repositories.ts';
import type { RepositoryEncryption } from './repository-encryption.ts';

export interface ConfigFileOptions {
  readonly store: ConfigStore;
  readonly endpoints: Pick<Endpoints, 'add' | 'update'>;
  readonly repositories: Pick<Repositories, 'add'>;
  readonly encryption: Pick<RepositoryEncryption, 'set'>;
  readonly jobs: Pick<JobDefinitions, 'add' | 'change'>;
  readonly keys: Pick<ArchiveKeyRing, 'add' | 'list'>;
}

export interface ConfigOrder {
  readonly document: ConfigDocument;
  /** Of the secrets in the document. */
  readonly passphrase?: Secret | undefined;
}

export interface ConfigFiles {
  export(passphrase?: Secret): Promise<ConfigDocument>;
  /** What `apply` would do; nothing is reached and nothing changed. */
  diff(document: ConfigDocument): Promise<readonly ConfigChange[]>;
  /**
   * Adds and changes what the document says, in an order in which everything has what it needs.
   * What cannot be done is told and the rest goes on. Nothing is ever removed.
   */
  apply(order: ConfigOrder, signal: AbortSignal): Promise<ConfigApplied>;
}

export function createConfigFiles(options: ConfigFileOptions): ConfigFiles {
  const { store, endpoints, repositories, encryption, jobs, keys } = options;
  const diff = async (document: ConfigDocument): Promise<readonly ConfigChange[]> => {
    const here = await exportConfig(store);
    return [
      ...compareConfig('endpoint', document.endpoints, here.endpoints),
      ...compareConfig('repository', document.repositories, here.repositories),
      ...compareConfig('job', document.jobs, here.jobs),
    ];
  };

  const applyEndpoint = async (
    wanted: ConfigDocument['endpoints'][number],
    { isNew, password }: { readonly isNew: boolean; readonly password: Secret | undefined },
    signal: AbortSignal,
  ): Promise<void> => {
    const { name, address, user, thumbprint } = wanted;
    if (!isNew) {
      const change = { address, user, ...(thumbprint === undefined ? {} : { thumbprint }) };
      await endpoints.update(
        name,
        password === undefined ? change : { ...change, password },
        signal,
      );
      return;
    }
    if (password === undefined)
      throw new ColdframeError(
        'invalid-input',
        `No password is known for endpoint "${name}". Apply a file with secrets, or add it with: coldframe endpoint add`,
      );
    const trust = thumbprint === undefined || thumbprint === null ? {} : { thumbprint };
    await endpoints.add({ name, address, user, password, ...trust }, signal);
  };

  const applyRepository = async (
    wanted: ConfigDocument['repositories'][number],
    { isNew, differences }: { isNew: boolean; differences: ConfigChange['differences'] },
    signal: AbortSignal,
  ): Promise<void> => {
    const { name, root, nfs, encryptTo } = wanted;
    const moved = differences.find(({ field }) => field === 'root' || field === 'nfs');
    if (!isNew && moved !== undefined)
      throw new ColdframeError(
        'invalid-input',
        `Repository "${name}" is elsewhere here. Where a repository lies is not changed by a file: remove it (its archives stay) and apply again.`,
      );
    if (isNew) {
      if (nfs !== undefined) await repositories.add({ name, nfs }, signal);
      else if (root !== undefined) await repositories.add({ name, root }, signal);
      else
        throw new ColdframeError(
          'invalid-input',
          `Repository "${name}" is new here and has neither a folder (root) nor an export (nfs).`,
        );
    }
    if (encryptTo !== undefined) await encryption.set(name, encryptTo);
  };

  const applyJob = async (wanted: ConfigDocument['jobs'][number], isNew: boolean) => {
    if (!isNew) {
      await jobs.change(wanted.name, wanted);
      return;
    }
    const { schedule, ...rest } = wanted;
    const whole = newJobSchema.safeParse(schedule === null ? rest : wanted);
    if (!whole.success)
      throw new ColdframeError(
        'invalid-input',
        `Job "${wanted.name}" is new here and lacks something: ${whole.error.issues[0]!.path.join('.')}: ${whole.error.issues[0]!.message}.`,
      );
    await jobs.add(whole.data);
  };

  return {
    export: (passphrase) => exportConfig(store, passphrase),
    diff,
    async apply({ document, passphrase }, signal) {
      const secrets = await openSecrets(document, passphrase);
      const outcomes: ConfigOutcome[] = [];
      const attempt = async (
        change: Omit<ConfigOutcome, 'error'>,
        work: () => Promise<void>,
      ): Promise<void> => {
        signal.throwIfAborted();
        try {
          await work();
          outcomes.push(change);
        } catch (error) {
          signal.throwIfAborted();
          outcomes.push({ ...change, error: toErrorRecord(error) });
        }
      };
      const keysHere = new Set((await keys.list()).filter(({ kept }) => kept).map(nameOf));
      for (const { name, identity } of secrets.keys)
        if (!keysHere.has(name))
          await attempt({ kind: 'key', name, action: 'add', differences: [] }, async () => {
            await keys.add({ name, identity: new Secret(identity), keep: true });
          });
      for (const change of await diff(document)) {
        const { kind, name, action, differences } = change;
        if (action === 'same' || action === 'only-here') continue;
        const isNew = action === 'add';
        await attempt(change, async () => {
          const given = secrets.passwords[name];
          const password = given === undefined ? undefined : new Secret(given);
          if (kind === 'endpoint')
            await applyEndpoint(find(document.endpoints, name), { isNew, password }, signal);
          if (kind === 'repository')
            await applyRepository(
              find(document.repositories, name),
              { isNew, differences },
              signal,
            );
          if (kind === 'job') await applyJob(find(document.jobs, name), isNew);
        });
      }
      return { outcomes };
    },
  };
}

async function openSecrets(
  { secrets }: ConfigDocument,
  passphrase: Secret | undefined,
): Promise<SealedSecrets> {
  if (secrets === undefined || passphrase === undefined) return { passwords: {}, keys: [] };
  const text = await openWithPassphrase(secrets, passphrase);
  const parsed = sealedSecretsSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new ColdframeError('invalid-input', 'The sealed secrets are of a form unknown here.');
}

function find<T extends { readonly name: string }>(list: readonly T[], name: string): T {
  return list.find((each) => each.name === name)!;
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
