import type { NotificationsView } from '#core/api-notify.ts';
import type { Clock, IdSource } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';
import { takes, type Notice, type Posting } from '#core/notice.ts';
import type { NotifySettings, WebhookSettings } from '#core/notify-settings.ts';
import { Secret } from '#core/secret.ts';

import { mailer } from './mail.ts';
import type { NotificationsChange } from './schema.ts';
import type { Deliver, NotifyStore } from './store.ts';
import { syslog } from './syslog.ts';
import { webhook } from './webhook.ts';

export interface NotificationsOptions {
  readonly store: NotifyStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Names the appliance in what is sent. */
  readonly host: string;
  /** Hears of every secret, to keep it out of logs. */
  readonly guard: (secret: Secret) => void;
}

/** Whom coldframe tells, and how. */
export class Notifications {
  readonly #options: NotificationsOptions;

  constructor(options: NotificationsOptions) {
    this.#options = options;
  }

  async view(): Promise<NotificationsView> {
    const { store } = this.#options;
    const settings = await store.notifySettings();
    const signed = await Promise.all(
      settings.webhooks.map(
        async ({ id }) => (await store.notifySecret(`webhook/${id}`)) !== undefined,
      ),
    );
    return {
      ...settings,
      webhooks: settings.webhooks.map((hook, i) => ({ ...hook, signed: signed[i] === true })),
    };
  }

  async change(change: NotificationsChange): Promise<NotificationsView> {
    const { store, guard } = this.#options;
    const { mail, syslog: log, alarms, summary } = change;
    const {
      mail: oldMail,
      syslog: oldLog,
      summary: oldSummary,
      ...kept
    } = await store.notifySettings();
    const { password, ...mailKept } = mail ?? {};
    const settings: NotifySettings = {
      ...kept,
      ...either(
        'mail',
        mail === undefined ? oldMail : mail === null ? undefined : (mailKept as typeof oldMail),
      ),
      ...either('syslog', log === undefined ? oldLog : (log ?? undefined)),
      ...either('summary', summary === undefined ? oldSummary : (summary ?? undefined)),
      alarms: { ...kept.alarms, ...alarms },
    };
    if (password !== undefined) {
      guard(password);
      await store.setNotifySecret('mail', password);
    }
    if (mail === null) await store.setNotifySecret('mail', undefined);
    await store.saveNotifySettings(settings);
    return this.view();
  }

  async addWebhook(
    hook: Omit<WebhookSettings, 'id'>,
    key: Secret | undefined,
  ): Promise<NotificationsView> {
    const { store, ids, guard } = this.#options;
    const settings = await store.notifySettings();
    if (settings.webhooks.some(({ name }) => name === hook.name))
      throw new ColdframeError('invalid-input', `There is a webhook ${hook.name} already.`);
    const id = ids.next();
    guardAddress(guard, hook.url);
    if (key !== undefined) {
      guard(key);
      await store.setNotifySecret(`webhook/${id}`, key);
    }
    await store.saveNotifySettings({
      ...settings,
      webhooks: [...settings.webhooks, { ...hook, id }],
    });
    return this.view();
  }

  /** By id or name. */
  async removeWebhook(which: string): Promise<void> {
    const { store } = this.#options;
    const settings = await store.notifySettings();
    const hook = settings.webhooks.find(({ id, name }) => id === which || name === which);
    if (hook === undefined) throw new ColdframeError('not-found', `There is no webhook ${which}.`);
    const webhooks = settings.webhooks.filter(({ id }) => id !== hook.id);
    await store.saveNotifySettings({ ...settings, webhooks });
    await store.setNotifySecret(`webhook/${hook.id}`, undefined);
  }

  /** Tells one receiver ("mail", "syslog", a webhook's name) something harmless, now. */
  async test(which: string, signal: AbortSignal): Promise<void> {
    const { store, clock, ids } = this.#options;
    const { webhooks } = await store.notifySettings();
    const hook = webhooks.find(({ id, name }) => id === which || name === which);
    const deliver = await this.delivererOf(hook === undefined ? which : `webhook/${hook.id}`);
    if (deliver === undefined)
      throw new ColdframeError(
        'not-found',
        `Nothing called ${which} is set up. See: coldframe notify show`,
      );
    const notice: Notice = {
      id: ids.next(),
      kind: 'test',
      severity: 'good',
      timeMs: clock.now(),
      title: 'A test',
      text: 'Somebody asked coldframe to send this. What it has to tell arrives here.',
    };
    await deliver(notice, signal);
  }

  /** The postings of a notice: one for each receiver whose rule takes it. */
  async postingsOf(notice: Notice): Promise<readonly Posting[]> {
    const { store, ids } = this.#options;
    const { mail, webhooks, syslog: log } = await store.notifySettings();
    const receivers = [
      ...(mail === undefined ? [] : [{ to: 'mail', rule: mail.rule }]),
      ...(log === undefined ? [] : [{ to: 'syslog', rule: log.rule }]),
      ...webhooks.map(({ id, rule }) => ({ to: `webhook/${id}`, rule })),
    ];
    return receivers
      .filter(({ rule }) => takes(rule, notice))
      .map(({ to }) => ({ id: ids.next(), to, notice, attempts: 0, nextMs: notice.timeMs }));
  }

  async delivererOf(to: string): Promise<Deliver | undefined> {
    const { store, clock, host, guard } = this.#options;
    const { mail, webhooks, syslog: log } = await store.notifySettings();
    if (to === 'mail') {
      if (mail === undefined) return undefined;
      const password = await store.notifySecret('mail');
      if (password !== undefined) guard(password);
      return mailer({ settings: mail, password, host });
    }
    if (to === 'syslog') return log === undefined ? undefined : syslog(log, host);
    const hook = webhooks.find(({ id }) => to === `webhook/${id}`);
    if (hook === undefined) return undefined;
    const key = await store.notifySecret(to);
    if (key !== undefined) guard(key);
    guardAddress(guard, hook.url);
    return webhook({ settings: hook, key, host, nowMs: () => clock.now() });
  }
}

function either<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: T });
}

/** Shorter paths are words, and hiding a word in every log hides nothing else. */
const shortestSecretPath = 12;

/** What comes after the host of a webhook's address: whoever knows it may post there. */
function guardAddress(guard: (secret: Secret) => void, url: string): void {
  const { pathname, search } = new URL(url);
  const path = `${pathname}${search}`.slice(1);
  if (path.length >= shortestSecretPath) guard(new Secret(path));
}
