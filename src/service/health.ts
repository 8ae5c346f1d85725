import { setTimeout as delay } from 'node:timers/promises';

import type { HealthCheck, HealthReport } from '#core/api.ts';
import type { StrayView } from '#core/strays.ts';
import { version } from '#core/version.ts';

import type { NotifyStore } from './notify/store.ts';
import type { ServiceCatalog } from './ports.ts';

/** A dead NFS server answers never: health must answer anyway. */
const checkMs = 3000;

export interface HealthOptions {
  readonly catalog: ServiceCatalog & Pick<NotifyStore, 'standingAlarms'>;
  readonly startedAtMs: number;
  readonly load: () => { readonly running: number; readonly queued: number };
  /** What the last look at the endpoints found. */
  readonly strays: () => StrayView | undefined;
  readonly checkRepository: (id: string) => Promise<void>;
}

export interface Health {
  report(): Promise<HealthReport>;
  /** Can the service do its work at all? What the watchdog asks. */
  alive(): Promise<boolean>;
}

export function createHealth(options: HealthOptions): Health {
  const { catalog, startedAtMs, load, strays, checkRepository } = options;
  return {
    async report() {
      const [open, repositories, alarms] = await Promise.all([
        catalog.journal.open(),
        catalog.listRepositories(),
        catalog.standingAlarms(),
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
        alarmCheck(alarms),
        strayCheck(strays()),
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

const mostAlarmsNamed = 3;

function alarmCheck(alarms: readonly { readonly title: string }[]): HealthCheck {
  const name = 'alarms';
  if (alarms.length === 0) return { name, ok: true, message: 'No alarm stands.' };
  const named = alarms.slice(0, mostAlarmsNamed).map(({ title }) => `${title}.`);
  const more = alarms.length - named.length;
  const rest = more === 0 ? '' : ` And ${more} more.`;
  return { name, ok: false, message: `${named.join(' ')}${rest} See: coldframe alarm list` };
}

function strayCheck(view: StrayView | undefined): HealthCheck {
  const name = 'left behind';
  if (view === undefined) return { name, ok: true, message: 'Not looked for yet.' };
  const ours = view.strays.filter(({ release }) => release === 'ours').length;
  if (ours > 0)
    return {
      name,
      ok: false,
      message: `${ours} ${ours === 1 ? 'thing of ours is' : 'things of ours are'} left in vSphere. See: coldframe stray list`,
    };
  return { name, ok: true, message: 'Nothing of ours is left in vSphere.' };
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
