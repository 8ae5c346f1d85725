import type { StandingAlarm } from '#core/alarms.ts';
import type { Notice } from '#core/notice.ts';
import type { NotifySettings } from '#core/notify-settings.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { RunRecord } from '#core/run.ts';

import { bytes } from '../web/format.ts';
import { nextRuns } from '../schedule/next-runs.ts';

const dayMs = 86_400_000;

export interface SummaryFacts {
  readonly nowMs: number;
  readonly runs: readonly RunRecord[];
  readonly points: readonly RestorePoint[];
  readonly alarms: readonly StandingAlarm[];
  readonly repositories: readonly {
    readonly name: string;
    readonly freeBytes?: number;
    readonly daysToFull?: number;
  }[];
}

/** Whether the hour of the summary has come since the last one. */
export function summaryDue(
  { hour, timeZone }: NonNullable<NotifySettings['summary']>,
  lastMs: number,
  nowMs: number,
): boolean {
  const [next] = nextRuns({ cron: `0 ${hour} * * *`, timeZone, missed: 'skip' }, lastMs, 1);
  return next !== undefined && next <= nowMs;
}

/** The last 24 hours in figures. */
export function summaryNotice(facts: SummaryFacts, id: string): Notice {
  const { nowMs, alarms, repositories } = facts;
  const runs = facts.runs.filter(({ createdAtMs }) => nowMs - createdAtMs < dayMs);
  const points = facts.points.filter(({ header }) => nowMs - header.createdAtMs < dayMs);
  const stored = points.reduce((sum, { archiveBytes }) => sum + archiveBytes, 0);
  const counted = (states: readonly string[]): number =>
    runs.filter(({ state }) => states.includes(state)).length;
  const failed = counted(['failed', 'interrupted']);
  const warned = counted(['warned', 'cancelled']);
  return {
    id,
    kind: 'summary',
    severity: failed + alarms.length > 0 ? 'failure' : warned > 0 ? 'warning' : 'good',
    timeMs: nowMs,
    title: `The last day: ${points.length} restore points, ${failed} failed runs, ${alarms.length} alarms`,
    text: [
      `Runs: ${counted(['succeeded'])} good, ${warned} with warnings, ${failed} failed, ${counted(['queued', 'running'])} under way.`,
      `Restore points: ${points.length} new, ${bytes(stored)} stored.`,
      ...repositories.map(({ name, freeBytes, daysToFull }) => {
        const free = freeBytes === undefined ? 'free space not known' : `${bytes(freeBytes)} free`;
        const days =
          daysToFull === undefined ? '' : `, full in about ${Math.floor(daysToFull)} days`;
        return `Repository ${name}: ${free}${days}.`;
      }),
      ...(alarms.length === 0 ? ['No alarm stands.'] : ['Alarms that stand:']),
      ...alarms.map(
        ({ title, sinceMs }) => `  ${title} (since ${new Date(sinceMs).toISOString()})`,
      ),
    ].join('\n'),
  };
}
