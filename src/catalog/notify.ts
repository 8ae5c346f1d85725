import { z } from 'zod';

import { alarmKinds, type NotifyChange, type StandingAlarm } from '#core/alarms.ts';
import { noticeKinds, notifyRules, severities, type Notice, type Posting } from '#core/notice.ts';
import {
  defaultNotifySettings,
  mailSecurities,
  type NotifySettings,
} from '#core/notify-settings.ts';
import type { Secret } from '#core/secret.ts';

import { sealSecret, unsealSecret } from './seal-secret.ts';
import type { Store } from './store.ts';
import { openTable } from './table.ts';
import { joinKey, newestFirst } from './time-key.ts';

export interface NotifyTable {
  notifySettings(): Promise<NotifySettings>;
  saveNotifySettings(settings: NotifySettings): Promise<void>;
  /** Of "mail" or "webhook/<id>". */
  notifySecret(of: string): Promise<Secret | undefined>;
  setNotifySecret(of: string, secret: Secret | undefined): Promise<void>;
  standingAlarms(): Promise<readonly StandingAlarm[]>;
  /** Newest first. */
  listNotices(limit: number): Promise<readonly Notice[]>;
  postings(): Promise<readonly Posting[]>;
  /** All or nothing: what was noticed, whom it goes to, and how far was looked. */
  note(change: NotifyChange): Promise<void>;
  /** Runs that ended up to here have been told. */
  toldUntilMs(): Promise<number | undefined>;
  lastSummaryMs(): Promise<number | undefined>;
}

const timeMs = z.number().nonnegative();
const rule = z.enum(notifyRules);

const settingsSchema: z.ZodType<NotifySettings> = z.object({
  mail: z
    .object({
      host: z.string(),
      port: z.number(),
      security: z.enum(mailSecurities),
      user: z.string(),
      from: z.string(),
      to: z.array(z.string()),
      rule,
    })
    .exactOptional(),
  webhooks: z.array(z.object({ id: z.string(), name: z.string(), url: z.string(), rule })),
  syslog: z
    .object({ host: z.string(), port: z.number(), protocol: z.enum(['udp', 'tcp']), rule })
    .exactOptional(),
  alarms: z.object({
    vmHours: z.number(),
    jobMinutes: z.number(),
    verifyDays: z.number(),
    repositoryDays: z.number(),
  }),
  summary: z.object({ hour: z.number(), timeZone: z.string() }).exactOptional(),
});

const noticeSchema: z.ZodType<Notice> = z.object({
  id: z.string(),
  kind: z.enum(noticeKinds),
  severity: z.enum(severities),
  timeMs,
  title: z.string(),
  text: z.string(),
  runId: z.string().exactOptional(),
});

const alarmSchema: z.ZodType<StandingAlarm> = z.object({
  key: z.string(),
  kind: z.enum(alarmKinds),
  severity: z.enum(severities),
  title: z.string(),
  text: z.string(),
  sinceMs: timeMs,
  toldMs: timeMs,
});

const postingSchema: z.ZodType<Posting> = z.object({
  id: z.string(),
  to: z.string(),
  notice: noticeSchema,
  attempts: z.number().int(),
  nextMs: timeMs,
});

/** Older notices are forgotten; the runs that they were about are not. */
const mostNotices = 1000;

export function openNotify(store: Store, key: Buffer): NotifyTable {
  const settings = openTable(store, 'notify', settingsSchema);
  const notices = openTable(store, 'notices', noticeSchema);
  const alarms = openTable(store, 'alarms', alarmSchema);
  const postings = openTable(store, 'postings', postingSchema);
  const marks = openTable(store, 'notify-marks', timeMs);
  const secrets = openTable(store, 'secrets', z.string());
  const secretName = (of: string) => `notify/${of}`;
  const keyOf = (notice: Notice) => joinKey(newestFirst(notice.timeMs), notice.id);
  return {
    notifySettings: async () => (await settings.get('settings')) ?? defaultNotifySettings,
    saveNotifySettings: (value) => store.write([settings.set('settings', value)]),
    async notifySecret(of) {
      const sealed = await secrets.get(secretName(of));
      return sealed === undefined ? undefined : unsealSecret(key, secretName(of), sealed);
    },
    setNotifySecret: (of, secret) =>
      store.write([
        secret === undefined
          ? secrets.remove(secretName(of))
          : secrets.set(secretName(of), sealSecret(key, secretName(of), secret)),
      ]),
    standingAlarms: () => alarms.values(),
    listNotices: (limit) => notices.values({ limit }),
    postings: () => postings.values(),
    toldUntilMs: () => marks.get('told-until'),
    lastSummaryMs: () => marks.get('last-summary'),
    async note(change) {
      const fresh = change.notices ?? [];
      const old = fresh.length === 0 ? [] : (await notices.keys()).slice(mostNotices);
      await store.write([
        ...fresh.map((notice) => notices.set(keyOf(notice), notice)),
        ...old.map((name) => notices.remove(name)),
        ...(change.postings ?? []).map((posting) => postings.set(posting.id, posting)),
        ...(change.donePostings ?? []).map((id) => postings.remove(id)),
        ...(change.alarms?.standing ?? []).map((alarm) => alarms.set(alarm.key, alarm)),
        ...(change.alarms?.over ?? []).map((name) => alarms.remove(name)),
        ...(change.toldUntilMs === undefined ? [] : [marks.set('told-until', change.toldUntilMs)]),
        ...(change.lastSummaryMs === undefined
          ? []
          : [marks.set('last-summary', change.lastSummaryMs)]),
      ]);
    },
  };
}
