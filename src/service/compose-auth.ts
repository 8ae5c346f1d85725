import type { Catalog } from '#catalog/open-catalog.ts';
import type { Clock, IdSource } from '#core/clock.ts';

import { Attempts } from './auth/attempts.ts';
import { SignIns } from './auth/sign-ins.ts';
import { Tokens } from './auth/tokens.ts';
import type { RecordAudit } from './auth/user-store.ts';
import { Users } from './auth/users.ts';
import type { ServiceLog } from './log/logger.ts';
import type { SecretMask } from './log/secret-mask.ts';

export interface AuthOptions {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly catalog: Catalog;
  readonly log: ServiceLog;
  readonly mask: SecretMask;
}

export type Auth = ReturnType<typeof createAuth>;

/** Users, their sign-ins, tokens for programs, and the log of what they all did. */
export function createAuth({ clock, ids, catalog, log, mask }: AuthOptions) {
  const signIns = new SignIns(clock);
  const attempts = new Attempts(clock);
  const record: RecordAudit = async (event) => {
    try {
      const detail = event.detail === undefined ? {} : { detail: mask.apply(event.detail) };
      const entry = await catalog.appendAudit({ ...event, ...detail });
      const { seq, who, action, target, outcome, digest } = entry;
      // Also where the database cannot reach: journald, and from there wherever it is sent.
      const details = { audit: seq, who, action, target, outcome, digest };
      log.log('info', `${who}: ${action} ${target}: ${outcome}.`, { details });
    } catch (error) {
      const details = { ...event };
      log.log('error', 'The audit log cannot be written.', { error, details });
    }
  };
  return {
    signIns,
    users: new Users({ store: catalog, signIns, attempts, clock, record }),
    tokens: new Tokens({ store: catalog, clock, ids }),
    audit: catalog,
    record,
  };
}
