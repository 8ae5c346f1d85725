import { Secret } from '#core/secret.ts';

import {
  alarmSettingsSchema,
  mailSchema,
  summarySchema,
  syslogSchema,
  webhookSchema,
} from '../../notify/schema.ts';
import type { PageContext } from '../page-context.ts';
import { fromForm, type Form } from '../form-body.ts';
import { notificationsPage } from '../pages/notifications.ts';
import type { Room } from './room.ts';

const path = '/settings/notifications';
const noticesShown = 50;

export function notificationRoutes(room: Room): void {
  const { notifications } = room.services;
  room.get(path, (context) => showNotifications(room, context));
  room.post(`${path}/mail`, async ({ form, goTo }) => {
    const password = form.raw('password');
    const mail = fromForm(mailSchema, {
      ...texts(form, ['host', 'port', 'security', 'user', 'from', 'rule']),
      to: form.lines('to'),
      ...(password === '' ? {} : { password }),
    });
    await notifications.change({ mail });
    goTo(path);
  });
  room.post(`${path}/syslog`, async ({ form, goTo }) => {
    const fields = texts(form, ['host', 'port', 'protocol', 'rule']);
    await notifications.change({ syslog: fromForm(syslogSchema, fields) });
    goTo(path);
  });
  room.post(`${path}/webhooks`, async ({ form, goTo }) => {
    const hook = fromForm(webhookSchema, texts(form, ['name', 'url', 'rule']));
    const key = form.raw('key');
    await notifications.addWebhook(hook, key === '' ? undefined : new Secret(key));
    goTo(path);
  });
  room.post(`${path}/alarms`, async ({ form, goTo }) => {
    const fields = texts(form, ['vmHours', 'jobMinutes', 'verifyDays', 'repositoryDays']);
    await notifications.change({ alarms: fromForm(alarmSettingsSchema, fields) });
    goTo(path);
  });
  room.post(`${path}/summary`, async ({ form, goTo }) => {
    const summary = fromForm(summarySchema, texts(form, ['hour', 'timeZone']));
    await notifications.change({ summary });
    goTo(path);
  });
  room.post(`${path}/off`, async ({ form, goTo }) => {
    const to = form.text('to');
    if (to === 'mail' || to === 'syslog' || to === 'summary')
      await notifications.change({ [to]: null });
    else await notifications.removeWebhook(to);
    goTo(path);
  });
  room.post(`${path}/test`, async (context) => {
    const to = context.form.text('to');
    await notifications.test(to, context.signal);
    await showNotifications(room, context, `The test was taken by ${to}.`);
  });
}

async function showNotifications(
  { services }: Room,
  { show, signIn }: PageContext,
  said?: string,
): Promise<void> {
  const { notifications, notices, clock } = services;
  const [settings, alarms, told] = await Promise.all([
    notifications.view(),
    notices.standingAlarms(),
    notices.listNotices(noticesShown),
  ]);
  show(
    { title: 'Alarms and notifications', room: '/settings' },
    notificationsPage({
      settings,
      alarms,
      notices: told,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      nowMs: clock.now(),
      csrf: signIn.csrf,
      ...(said === undefined ? {} : { said }),
    }),
  );
}

function texts(form: Form, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, form.text(name)]));
}
