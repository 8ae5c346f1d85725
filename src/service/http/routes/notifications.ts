import { z } from 'zod';

import type { AlarmList, NoticeList } from '#core/api-notify.ts';

import type { Notifications } from '../../notify/notifications.ts';
import { notificationsChangeSchema, webhookSchema } from '../../notify/schema.ts';
import type { NotifyStore } from '../../notify/store.ts';
import { alarmListAnswer, noticeListAnswer, notificationsAnswer } from '../answers-notify.ts';
import { route, type BoundRoute } from '../route.ts';

export function notificationRoutes(
  notifications: Notifications,
  store: Pick<NotifyStore, 'standingAlarms' | 'listNotices'>,
): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/alarms',
      summary: 'Alarms that stand now',
      answers: alarmListAnswer,
      handle: async (): Promise<AlarmList> => ({ alarms: await store.standingAlarms() }),
    }),
    route({
      method: 'GET',
      path: '/notices',
      summary: 'What people were told, newest first',
      query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
      answers: noticeListAnswer,
      handle: async ({ query }): Promise<NoticeList> => ({
        notices: await store.listNotices(query.limit),
      }),
    }),
    route({
      method: 'GET',
      path: '/notifications',
      summary: 'Who is told what, and when silence is an alarm; without secrets',
      answers: notificationsAnswer,
      handle: () => notifications.view(),
    }),
    route({
      method: 'PATCH',
      path: '/notifications',
      summary: 'Change mail, syslog, alarms or the daily summary; null takes one away',
      body: notificationsChangeSchema,
      answers: notificationsAnswer,
      handle: ({ body }) => notifications.change(body),
    }),
    route({
      method: 'POST',
      path: '/notifications/webhooks',
      summary: 'Add a webhook; with a key, what is sent is signed',
      body: webhookSchema,
      status: 201,
      answers: notificationsAnswer,
      handle: ({ body: { key, ...hook } }) => notifications.addWebhook(hook, key),
    }),
    route({
      method: 'DELETE',
      path: '/notifications/webhooks/:id',
      summary: 'Remove a webhook, by id or name',
      params: z.object({ id: z.string() }),
      handle: ({ params }) => notifications.removeWebhook(params.id),
    }),
    route({
      method: 'POST',
      path: '/notifications/test',
      summary: 'Send a test now: to "mail", "syslog", or a webhook by id or name',
      body: z.strictObject({ to: z.string().min(1).max(64) }),
      handle: ({ body, signal }) => notifications.test(body.to, signal),
    }),
  ];
}
