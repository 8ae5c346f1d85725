import type { RepositoryView } from '#core/api.ts';
import { compareAlarms, judgeAlarms, type NotifyChange, type StandingAlarm } from '#core/alarms.ts';
import type { Clock, IdSource } from '#core/clock.ts';
import type { Notice } from '#core/notice.ts';
import type { RunRecord } from '#core/run.ts';

import type { ServiceLog } from '../log/logger.ts';
import type { RunStore } from '../ports.ts';
import { spaceOf } from '../web/space.ts';
import { gatherFacts, type FactsOptions } from './facts.ts';
import type { Notifications } from './notifications.ts';
import { deliverDue } from './outbox.ts';
import { runNotice } from './run-notice.ts';
import type { NotifyStore } from './store.ts';
import { summaryDue, summaryNotice } from './summary.ts';

export interface NotifyWatchOptions extends FactsOptions {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly runs: Pick<RunStore, 'listRuns' | 'tasksOfRun'>;
  readonly store: NotifyStore;
  readonly notifications: Notifications;
  readonly listRepositories: (signal: AbortSignal) => Promise<readonly RepositoryView[]>;
  readonly log: ServiceLog;
}

const lookMs = 10_000;
/** Alarms are about hours: looking for them is dearer than looking for runs. */
const alarmsEveryMs = 5 * 60_000;
const runsLooked = 500;

/** Looks for what people should hear of, until it is disposed. */
export function watchNotices(options: NotifyWatchOptions): AsyncDisposable {
  const { clock, log, store, notifications } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const work = (async () => {
    let alarmsAtMs = clock.now() + alarmsEveryMs;
    while (!signal.aborted) {
      try {
        await tellEndedRuns(options);
        if (clock.now() >= alarmsAtMs) {
          alarmsAtMs = clock.now() + alarmsEveryMs;
          await tellAlarms(options, signal);
          await tellSummary(options, signal);
        }
        const delivererOf = (to: string) => notifications.delivererOf(to);
        await deliverDue({ store, clock, log, delivererOf }, signal);
      } catch (error) {
        if (!signal.aborted) log.log('error', 'Looking for alarms failed.', { error });
      }
      await clock.sleep(lookMs, signal).catch(() => undefined);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await work;
    },
  };
}

/** By the time of their end, so that a crash between the end and the telling loses nothing. */
export async function tellEndedRuns(options: NotifyWatchOptions): Promise<void> {
  const { clock, store, runs, ids } = options;
  const until = await store.toldUntilMs();
  // What ended before this was ever switched on is no news.
  if (until === undefined) return store.note({ toldUntilMs: clock.now() });
  const ended = (await runs.listRuns({ limit: runsLooked }))
    .filter((run): run is RunRecord & { endedAtMs: number } => (run.endedAtMs ?? 0) > until)
    .toSorted((a, b) => a.endedAtMs - b.endedAtMs);
  const last = ended.at(-1);
  if (last === undefined) return;
  const notices = await Promise.all(
    ended.map(async (run) => runNotice(run, await runs.tasksOfRun(run.id), ids.next())),
  );
  await tell(options, notices, { toldUntilMs: last.endedAtMs });
}

export async function tellAlarms(options: NotifyWatchOptions, signal: AbortSignal): Promise<void> {
  const { clock, store, ids } = options;
  const [facts, settings, before] = await Promise.all([
    gatherFacts(options, signal),
    store.notifySettings(),
    store.standingAlarms(),
  ]);
  const nowMs = clock.now();
  const change = compareAlarms(before, judgeAlarms(facts, settings.alarms, nowMs), nowMs);
  const notices = [
    ...change.tell.map((alarm) => alarmNotice(alarm, nowMs, ids.next())),
    ...change.over.map((alarm) => overNotice(alarm, nowMs, ids.next())),
  ];
  const over = change.over.map(({ key }) => key);
  await tell(options, notices, { alarms: { standing: change.standing, over } });
}

export async function tellSummary(options: NotifyWatchOptions, signal: AbortSignal): Promise<void> {
  const { clock, store, ids, runs, points, listRepositories } = options;
  const { summary } = await store.notifySettings();
  if (summary === undefined) return;
  const nowMs = clock.now();
  const lastMs = await store.lastSummaryMs();
  if (lastMs === undefined) return store.note({ lastSummaryMs: nowMs });
  if (!summaryDue(summary, lastMs, nowMs)) return;
  const recent = await points.listRestorePoints({ limit: runsLooked * 4 });
  const space = spaceOf(await listRepositories(signal), recent, nowMs);
  const notice = summaryNotice(
    {
      nowMs,
      runs: await runs.listRuns({ limit: runsLooked }),
      points: recent,
      alarms: await store.standingAlarms(),
      repositories: space.map(({ repository, daysToFull }) => ({
        name: repository.name,
        ...(repository.freeBytes === undefined ? {} : { freeBytes: repository.freeBytes }),
        ...(daysToFull === undefined ? {} : { daysToFull }),
      })),
    },
    ids.next(),
  );
  await tell(options, [notice], { lastSummaryMs: nowMs });
}

async function tell(
  { store, notifications }: NotifyWatchOptions,
  notices: readonly Notice[],
  also: NotifyChange,
): Promise<void> {
  const postings = await Promise.all(notices.map((notice) => notifications.postingsOf(notice)));
  await store.note({ ...also, notices, postings: postings.flat() });
}

function alarmNotice(alarm: StandingAlarm, timeMs: number, id: string): Notice {
  const { severity, title, text, sinceMs } = alarm;
  const since = sinceMs === timeMs ? '' : `\nStands since ${new Date(sinceMs).toISOString()}.`;
  return { id, kind: 'alarm', severity, timeMs, title, text: `${text}${since}` };
}

function overNotice({ title, sinceMs }: StandingAlarm, timeMs: number, id: string): Notice {
  const text = `The alarm stood since ${new Date(sinceMs).toISOString()} and is over.`;
  return { id, kind: 'alarm-over', severity: 'good', timeMs, title: `Over: ${title}`, text };
}
