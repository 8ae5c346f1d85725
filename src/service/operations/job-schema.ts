import { z } from 'zod';

import {
  fullsFrom,
  placeKinds,
  type Job,
  type Schedule,
  type VmExclusion,
  type VmRule,
} from '#core/job.ts';
import type { RetentionPolicy } from '#core/retention.ts';
import { isTimeZone } from '#core/time-zone.ts';

/** What callers may say about a job. */

const timeZone = z
  .string()
  .refine(isTimeZone, 'there is no such time zone; an example is Europe/Berlin');

export const scheduleSchema: z.ZodType<Schedule> = z.strictObject({
  cron: z.string().min(1).max(200),
  timeZone,
  missed: z.enum(['run-once', 'skip']).default('run-once'),
});

const count = z.number().int().min(0).max(100_000).exactOptional();

export const retentionSchema: z.ZodType<RetentionPolicy> = z.strictObject({
  last: count,
  hourly: count,
  daily: count,
  weekly: count,
  monthly: count,
  yearly: count,
  minimum: count,
  timeZone,
});

const vm = z.strictObject({
  by: z.literal('vm'),
  instanceUuid: z.string().min(1),
  name: z.string(),
});
const folder = z.strictObject({ by: z.literal('folder'), path: z.string().min(1).max(1000) });
const place = z.strictObject({ by: z.enum(placeKinds), path: z.string().min(1).max(1000) });
const name = z.strictObject({ by: z.literal('name'), pattern: z.string().min(1).max(200) });
const ruleSchema: z.ZodType<VmRule> = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('all') }),
  vm,
  folder,
  place,
  name,
]);
const exclusionSchema: z.ZodType<VmExclusion> = z.strictObject({
  rule: z.discriminatedUnion('by', [vm, folder, place, name]),
  reason: z.string().max(500),
});

export const maxChainLengthSchema = z.number().int().min(0).max(1000);
/** 0: never for its age. */
export const activeFullDaysSchema = z.number().int().min(0).max(3650);

const fields = {
  name: z
    .string()
    .regex(/^[\w][\w. -]{0,59}$/, 'may hold up to 60 letters, digits, space, and . _ -'),
  enabled: z.boolean(),
  /** Id or name; may be left out when there is only one. */
  endpoint: z.string(),
  repository: z.string(),
  selection: z.strictObject({
    include: z.array(ruleSchema).min(1, 'say which VMs'),
    exclude: z.array(exclusionSchema).default([]),
  }),
  retention: retentionSchema,
  compression: z.enum(['zstd', 'none']),
  maxChainLength: maxChainLengthSchema,
  auditPercent: z.number().min(0).max(100),
  fulls: z.enum(fullsFrom),
  activeFullDays: activeFullDaysSchema,
  onQuiesceFailure: z.enum(['crash-consistent', 'fail']),
  quiesceRetries: z.number().int().min(0).max(10),
};

export const newJobSchema = z.strictObject({
  ...fields,
  enabled: fields.enabled.default(true),
  endpoint: fields.endpoint.exactOptional(),
  repository: fields.repository.exactOptional(),
  schedule: scheduleSchema.exactOptional(),
  compression: fields.compression.default('zstd'),
  maxChainLength: fields.maxChainLength.default(30),
  auditPercent: fields.auditPercent.exactOptional(),
  fulls: fields.fulls.exactOptional(),
  activeFullDays: fields.activeFullDays.exactOptional(),
  onQuiesceFailure: fields.onQuiesceFailure.default('crash-consistent'),
  quiesceRetries: fields.quiesceRetries.exactOptional(),
});

/** What is left out stays as it is; a null schedule takes the schedule away. */
export const jobChangeSchema = z.strictObject({
  name: fields.name.exactOptional(),
  enabled: fields.enabled.exactOptional(),
  endpoint: fields.endpoint.exactOptional(),
  repository: fields.repository.exactOptional(),
  selection: fields.selection.exactOptional(),
  schedule: scheduleSchema.nullable().exactOptional(),
  retention: fields.retention.exactOptional(),
  compression: fields.compression.exactOptional(),
  maxChainLength: fields.maxChainLength.exactOptional(),
  auditPercent: fields.auditPercent.exactOptional(),
  fulls: fields.fulls.exactOptional(),
  activeFullDays: fields.activeFullDays.exactOptional(),
  onQuiesceFailure: fields.onQuiesceFailure.exactOptional(),
  quiesceRetries: fields.quiesceRetries.exactOptional(),
});

export type NewJob = z.infer<typeof newJobSchema>;
export type JobChange = z.infer<typeof jobChangeSchema>;
export type JobSettings = Omit<Job, 'id' | 'createdAtMs' | 'formerNames'>;
