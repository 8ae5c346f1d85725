import { createHmac } from 'node:crypto';

import { z } from 'zod';

import { auditText, type AuditCheck, type AuditEntry, type AuditEvent } from '#core/audit.ts';

import type { Store } from './store.ts';
import { openTable } from './table.ts';

export interface AuditLog {
  /** On disk when it resolves; one after another. */
  appendAudit(event: AuditEvent): Promise<AuditEntry>;
  /** Newest first; `before` is the `seq` of the last one of the page before. */
  listAudit(page: { readonly limit: number; readonly before?: number }): Promise<AuditEntry[]>;
  /** Reads the whole log and recomputes it. */
  checkAudit(): Promise<AuditCheck>;
}

const entrySchema: z.ZodType<AuditEntry> = z.object({
  seq: z.number().int().positive(),
  timeMs: z.number().int().nonnegative(),
  who: z.string(),
  via: z.enum(['page', 'token', 'command line', 'service']),
  action: z.string(),
  target: z.string(),
  outcome: z.enum(['done', 'refused', 'failed']),
  detail: z.string().exactOptional(),
  previous: z.string(),
  digest: z.string(),
});

const pageLimit = 1000;

/**
 * Keyed with a key made from the secret key: whoever can write the database but not read that
 * key cannot make an entry that fits. What this cannot show is an end that was cut off.
 */
export async function openAuditLog(
  store: Store,
  { key, nowMs }: { readonly key: Buffer; readonly nowMs: () => number },
): Promise<AuditLog> {
  const entries = openTable(store, 'audit', entrySchema);
  const auditKey = createHmac('sha256', key).update('coldframe audit log').digest();
  const digestOf = (entry: Omit<AuditEntry, 'digest'>): string =>
    createHmac('sha256', auditKey).update(auditText(entry)).digest('hex');
  const [last] = await entries.keys({ reverse: true, limit: 1 });
  let head = last === undefined ? undefined : await entries.get(last);
  let writing: Promise<unknown> = Promise.resolve();
  const appendNow = async (event: AuditEvent): Promise<AuditEntry> => {
    const bare = {
      ...event,
      seq: (head?.seq ?? 0) + 1,
      timeMs: nowMs(),
      previous: head?.digest ?? '',
    };
    const entry = { ...bare, digest: digestOf(bare) };
    await store.write([entries.set(keyOf(entry.seq), entry)]);
    head = entry;
    return entry;
  };
  return {
    appendAudit(event) {
      const written = writing.then(() => appendNow(event));
      // A write that failed is its caller's to tell; the next one must not fail with it.
      writing = written.catch(() => undefined);
      return written;
    },
    async listAudit({ limit, before }) {
      const end = before ?? (head?.seq ?? 0) + 1;
      const range = { gte: keyOf(Math.max(1, end - limit)), lt: keyOf(end) };
      return (await entries.values(range)).toReversed();
    },
    async checkAudit() {
      let [seq, previous] = [0, ''];
      for (;;) {
        const page = await entries.values({ gt: keyOf(seq), limit: pageLimit });
        for (const entry of page) {
          const reason = wrong(entry, { seq: seq + 1, previous, digest: digestOf(entry) });
          const good = seq === 0 ? {} : { head: { seq, digest: previous } };
          if (reason !== undefined)
            return { entries: seq, ...good, broken: { seq: seq + 1, reason } };
          seq = entry.seq;
          previous = entry.digest;
        }
        if (page.length < pageLimit) break;
      }
      return { entries: seq, ...(seq === 0 ? {} : { head: { seq, digest: previous } }) };
    },
  };
}

function wrong(
  entry: AuditEntry,
  expected: { readonly seq: number; readonly previous: string; readonly digest: string },
): string | undefined {
  if (entry.seq !== expected.seq) return 'it is missing';
  if (entry.previous !== expected.previous) return 'it does not follow the one before it';
  if (entry.digest !== expected.digest) return 'it was changed';
  return undefined;
}

function keyOf(seq: number): string {
  return String(seq).padStart(15, '0');
}
