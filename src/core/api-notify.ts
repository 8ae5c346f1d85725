import type { StandingAlarm } from './alarms.ts';
import type { Notice } from './notice.ts';
import type { NotifySettings, WebhookSettings } from './notify-settings.ts';

/** What the API sends of alarms and of whom they are told to. */

export interface NotificationsView extends Omit<NotifySettings, 'webhooks'> {
  readonly webhooks: readonly (WebhookSettings & { readonly signed: boolean })[];
}

export interface AlarmList {
  readonly alarms: readonly StandingAlarm[];
}

export interface NoticeList {
  /** Newest first. */
  readonly notices: readonly Notice[];
}
