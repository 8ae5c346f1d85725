import { z } from 'zod';

import { alarmKinds } from '#core/alarms.ts';
import type { AlarmList, NoticeList, NotificationsView } from '#core/api-notify.ts';
import { noticeKinds, notifyRules, severities } from '#core/notice.ts';
import { mailSecurities } from '#core/notify-settings.ts';

const timeMs = z.number().int().nonnegative();
const rule = z.enum(notifyRules);

export const alarmListAnswer = z.object({
  alarms: z.array(
    z.object({
      key: z.string(),
      kind: z.enum(alarmKinds),
      severity: z.enum(severities),
      title: z.string(),
      text: z.string(),
      sinceMs: timeMs,
      toldMs: timeMs,
    }),
  ),
}) satisfies z.ZodType<AlarmList>;

export const noticeListAnswer = z.object({
  notices: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(noticeKinds),
      severity: z.enum(severities),
      timeMs,
      title: z.string(),
      text: z.string(),
      runId: z.string().exactOptional(),
    }),
  ),
}) satisfies z.ZodType<NoticeList>;

export const notificationsAnswer = z.object({
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
  webhooks: z.array(
    z.object({ id: z.string(), name: z.string(), url: z.string(), rule, signed: z.boolean() }),
  ),
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
}) satisfies z.ZodType<NotificationsView>;
