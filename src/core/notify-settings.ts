import type { NotifyRule } from './notice.ts';

export const mailSecurities = ['tls', 'starttls', 'none'] as const;
export type MailSecurity = (typeof mailSecurities)[number];

/** The password is kept apart, encrypted. */
export interface MailSettings {
  readonly host: string;
  readonly port: number;
  /** `starttls` never goes on without; `none` is for a server on a network that is trusted. */
  readonly security: MailSecurity;
  /** '' = without signing in. */
  readonly user: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly rule: NotifyRule;
}

/** The key that it is signed with is kept apart, encrypted. */
export interface WebhookSettings {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly rule: NotifyRule;
}

export interface SyslogSettings {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp';
  readonly rule: NotifyRule;
}

/** When silence is an alarm; 0 switches one off. */
export interface AlarmSettings {
  /** A VM whose newest good restore point is older. */
  readonly vmHours: number;
  /** A job whose time came this many minutes ago without a run. */
  readonly jobMinutes: number;
  /** No restore point was verified for so long. */
  readonly verifyDays: number;
  /** A repository that is full in fewer days, at the pace of the last week. */
  readonly repositoryDays: number;
}

export interface NotifySettings {
  readonly mail?: MailSettings;
  readonly webhooks: readonly WebhookSettings[];
  readonly syslog?: SyslogSettings;
  readonly alarms: AlarmSettings;
  /** When the daily summary is sent; absent: never. */
  readonly summary?: { readonly hour: number; readonly timeZone: string };
}

export const defaultNotifySettings: NotifySettings = {
  webhooks: [],
  alarms: { vmHours: 36, jobMinutes: 60, verifyDays: 35, repositoryDays: 14 },
};
