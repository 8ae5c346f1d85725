import type { ArchiveKeyView } from '#core/api.ts';
import type { Clock } from '#core/clock.ts';
import type { ArchiveKey, UnlockedArchiveKey } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { Secret } from '#core/secret.ts';

/** Where keys are kept for good. */
export interface ArchiveKeyStore {
  listArchiveKeys(): Promise<readonly ArchiveKey[]>;
  unlockArchiveKeys(): Promise<readonly UnlockedArchiveKey[]>;
  saveArchiveKey(key: ArchiveKey, identity: Secret): Promise<void>;
  removeArchiveKey(recipient: string): Promise<void>;
}

/** What is known of age keys. */
export interface AgeKeyRules {
  /** Throws 'invalid-input' unless the text holds identities; `source` is for error texts. */
  parseIdentities(text: string, source: string): Promise<readonly Secret[]>;
  recipientOf(identity: Secret): Promise<string>;
}

export interface ArchiveKeyOptions {
  readonly store: ArchiveKeyStore;
  readonly rules: AgeKeyRules;
  readonly clock: Clock;
  /** Hears every key before it is used anywhere. */
  readonly guard: (identity: Secret) => void;
}

export interface NewArchiveKey {
  readonly name: string;
  readonly identity: Secret;
  /** False: only in memory, until the service ends. */
  readonly keep: boolean;
}

/** The private keys that open encrypted archives: those kept in the catalog, and those lent until the service ends. */
export interface ArchiveKeyRing {
  list(): Promise<readonly ArchiveKeyView[]>;
  add(wanted: NewArchiveKey): Promise<ArchiveKeyView>;
  remove(recipient: string): Promise<void>;
  identities(): Promise<readonly Secret[]>;
}

export function createArchiveKeys(options: ArchiveKeyOptions): ArchiveKeyRing {
  const { store, rules, clock, guard } = options;
  const lent = new Map<string, { readonly key: ArchiveKey; readonly identity: Secret }>();
  const list = async (): Promise<readonly ArchiveKeyView[]> => [
    ...(await store.listArchiveKeys()).map((key) => ({ ...key, kept: true })),
    ...[...lent.values()].map(({ key }) => ({ ...key, kept: false })),
  ];
  return {
    list,
    async add({ name, identity: given, keep }) {
      guard(given);
      const [identity, more] = await rules.parseIdentities(given.reveal(), 'The text given');
      if (identity === undefined || more !== undefined)
        throw new ColdframeError('invalid-input', 'Give one key at a time.');
      guard(identity);
      const recipient = await rules.recipientOf(identity);
      const key = { recipient, name, addedAtMs: clock.now() };
      if (keep) {
        await store.saveArchiveKey(key, identity);
        lent.delete(recipient);
      } else lent.set(recipient, { key, identity });
      return { ...key, kept: keep };
    },
    async remove(recipient) {
      if (!(await list()).some((key) => key.recipient === recipient))
        throw new ColdframeError(
          'not-found',
          `There is no key ${recipient} here. See: coldframe key list`,
        );
      lent.delete(recipient);
      await store.removeArchiveKey(recipient);
    },
    async identities() {
      const kept = (await store.unlockArchiveKeys()).map(({ identity }) => identity);
      for (const identity of kept) guard(identity);
      return [...kept, ...[...lent.values()].map(({ identity }) => identity)];
    },
  };
}
