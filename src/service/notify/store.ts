import type { NotifyChange, StandingAlarm } from '#core/alarms.ts';
import type { Notice, Posting } from '#core/notice.ts';
import type { NotifySettings } from '#core/notify-settings.ts';
import type { Secret } from '#core/secret.ts';

/** What telling people asks of the catalog. */
export interface NotifyStore {
  notifySettings(): Promise<NotifySettings>;
  saveNotifySettings(settings: NotifySettings): Promise<void>;
  notifySecret(of: string): Promise<Secret | undefined>;
  setNotifySecret(of: string, secret: Secret | undefined): Promise<void>;
  standingAlarms(): Promise<readonly StandingAlarm[]>;
  listNotices(limit: number): Promise<readonly Notice[]>;
  postings(): Promise<readonly Posting[]>;
  note(change: NotifyChange): Promise<void>;
  toldUntilMs(): Promise<number | undefined>;
  lastSummaryMs(): Promise<number | undefined>;
}

/** Delivers one notice, or throws with the reason. */
export type Deliver = (notice: Notice, signal: AbortSignal) => Promise<void>;
