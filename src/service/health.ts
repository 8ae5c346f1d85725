import { setTimeout as delay } from 'node:timers/promises';

import type { HealthCheck, HealthReport } from '#core/api.ts';
import { version } from '#core/version.ts';

import type { ServiceCatalog } from './ports.ts';

/** A dead NFS server answers never: health must answer anyway. */
const checkMs = 3000;

export interface HealthOptions {
  readonly catalog: ServiceCatalog;
  readonly startedAtMs: number;
  readonly load: () => { readonly running: number; readonly queued: number };
  readonly checkRepository: (id: string) => Promise<void>;
}

export interface Health {
  report(): Promise<HealthReport>;
  /** Can the service do its work at all? What the watchdog asks. */
  alive(): Promise<boolean>;
}

export function createHealth(options: HealthOptions): Health {
  const { catalog, startedAtMs, load, checkRepository } = options;
  return {
    async report() {
      const [open, repositories] = await Promise.all([
        catalog.journal.open(),
        catalog.listRepositories(),
      ]);
      const stuck = open.filter((entry) => entry.lastFailure !== undefined);
      const checks = [
        {
          name: 'journal',
          ok: stuck.length === 0,
          message:
            stuck.length === 0
              ? 'Nothing waits for being undone.'
              : `${stuck.length} entries cannot be undone yet. See: coldframe journal`,
        },
        ...(await Promise.all(
          repositories.map(({ id, name }) =>
            check(`repository ${name}`, () => checkRepository(id)),
          ),
        )),
      ];
      return {
        status: checks.every(({ ok }) => ok) ? 'ok' : 'degraded',
        version,
        applianceId: catalog.applianceId,
        startedAtMs,
        pid: process.pid,
        checks,
        ...load(),
        openJournalEntries: open.length,
      };
    },
    async alive() {
      const answer = await check('catalog', async () => {
        await catalog.listEndpoints();
      });
      return answer.ok;
    },
  };
}

async function check(name: string, probe: () => Promise<void>): Promise<HealthCheck> {
  const enough = new AbortController();
  try {
    const late = delay(checkMs, 'late', { signal: enough.signal }).catch(() => 'late');
    const answer = await Promise.race([probe(), late]);
    return answer === 'late'
      ? { name, ok: false, message: `No answer within ${checkMs / 1000} s.` }
      : { name, ok: true, message: 'Good.' };
  } catch (error) {
    return { name, ok: false, message: error instanceof Error ? error.message : String(error) };
  } finally {
    enough.abort();
  }
}
