import { parseIdentities, recipientOf } from '#archive/age-keys.ts';
import type { Clock } from '#core/clock.ts';

import type { SecretMask } from './log/secret-mask.ts';
import {
  createArchiveKeys,
  type ArchiveKeyRing,
  type ArchiveKeyStore,
} from './operations/archive-keys.ts';

export interface KeyOptions {
  readonly catalog: ArchiveKeyStore;
  readonly clock: Clock;
  readonly mask: SecretMask;
}

/** Before the adapters: those that read archives ask it for keys. */
export function bindArchiveKeys({ catalog, clock, mask }: KeyOptions): ArchiveKeyRing {
  return createArchiveKeys({
    store: catalog,
    rules: { parseIdentities, recipientOf },
    clock,
    guard: (identity) => mask.add(identity),
  });
}
