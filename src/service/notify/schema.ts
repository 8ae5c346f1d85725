import { z } from 'zod';

import { notifyRules } from '#core/notice.ts';
import { mailSecurities } from '#core/notify-settings.ts';
import { Secret } from '#core/secret.ts';

const host = z.string().regex(/^[\w.:-]{1,255}$/, 'must be a host name or an address');
const port = z.coerce.number().int().min(1).max(65_535);
const rule = z.enum(notifyRules).default('warnings');
/** One address; no list, no display name. */
const address = z.email();
export const secretText = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

export const mailSchema = z.strictObject({
  host,
  port,
  security: z.enum(mailSecurities).default('starttls'),
  user: z.string().max(255).default(''),
  /** Absent: the one that is saved stays. */
  password: secretText.exactOptional(),
  from: address,
  to: z.array(address).min(1).max(20),
  rule,
});

export const syslogSchema = z.strictObject({
  host,
  port: port.default(514),
  protocol: z.enum(['udp', 'tcp']).default('udp'),
  rule,
});

export const webhookSchema = z.strictObject({
  name: z.string().regex(/^[\w][\w. -]{0,62}$/, 'may hold letters, digits, space, and . _ -'),
  url: z.url({ protocol: /^https?$/ }),
  key: secretText.exactOptional(),
  rule,
});

const limit = z.coerce.number().int().min(0).max(10_000);

export const alarmSettingsSchema = z.strictObject({
  vmHours: limit.exactOptional(),
  jobMinutes: limit.exactOptional(),
  verifyDays: limit.exactOptional(),
  repositoryDays: limit.exactOptional(),
});

export const summarySchema = z.strictObject({
  hour: z.coerce.number().int().min(0).max(23),
  timeZone: z.string().min(1).max(64),
});

/** null takes a way of telling away. */
export const notificationsChangeSchema = z.strictObject({
  mail: mailSchema.nullable().exactOptional(),
  syslog: syslogSchema.nullable().exactOptional(),
  alarms: alarmSettingsSchema.exactOptional(),
  summary: summarySchema.nullable().exactOptional(),
});

export type NotificationsChange = z.infer<typeof notificationsChangeSchema>;
