import type { EncryptionView } from '#core/api.ts';
import type { RepositoryConfig } from '#core/config.ts';

import type { RepositoryStore } from '../ports.ts';
import type { ArchiveKeyRing } from './archive-keys.ts';
import type { Repositories } from './repositories.ts';

export interface RepositoryEncryptionOptions {
  readonly store: Pick<RepositoryStore, 'saveRepository'>;
  readonly repositories: Pick<Repositories, 'find'>;
  readonly keys: Pick<ArchiveKeyRing, 'list'>;
  /** Throws 'invalid-input' unless each is a public key of age. */
  readonly checkRecipients: (recipients: readonly string[]) => Promise<void>;
}

/** Whom new archives of a repository are encrypted to. Archives that are there stay as they are. */
export interface RepositoryEncryption {
  show(wanted: string): Promise<EncryptionView>;
  /** No recipients: new archives are not encrypted. */
  set(wanted: string, encryptTo: readonly string[]): Promise<EncryptionView>;
}

export function createRepositoryEncryption(
  options: RepositoryEncryptionOptions,
): RepositoryEncryption {
  const { store, repositories, keys, checkRecipients } = options;
  const viewOf = async (repository: RepositoryConfig): Promise<EncryptionView> => {
    const here = new Set((await keys.list()).map(({ recipient }) => recipient));
    const recipients = (repository.encryptTo ?? []).map((recipient) => ({
      recipient,
      keyIsHere: here.has(recipient),
    }));
    return { repository, recipients };
  };
  return {
    show: async (wanted) => viewOf(await repositories.find(wanted)),
    async set(wanted, encryptTo) {
      const recipients = [...new Set(encryptTo)];
      await checkRecipients(recipients);
      const { encryptTo: _, ...plain } = await repositories.find(wanted);
      const changed = recipients.length === 0 ? plain : { ...plain, encryptTo: recipients };
      await store.saveRepository(changed);
      return viewOf(changed);
    },
  };
}
