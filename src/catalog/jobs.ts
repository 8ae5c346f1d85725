import { z } from 'zod';

import { fullsFrom, placeKinds, type Job, type VmExclusion, type VmRule } from '#core/job.ts';

import type { Store } from './store.ts';
import { openTable } from './table.ts';

export interface Jobs {
  /** By name. */
  listJobs(): Promise<readonly Job[]>;
  getJob(id: string): Promise<Job | undefined>;
  /** A new name is remembered beside the names it had. */
  saveJob(job: Job): Promise<void>;
  /** Its restore points stay. */
  removeJob(id: string): Promise<void>;
  /** When the scheduler last looked at this job's times; undefined before the first look. */
  lastScheduledMs(jobId: string): Promise<number | undefined>;
  setLastScheduledMs(jobId: string, epochMs: number): Promise<void>;
}

const count = z.number().int().min(0).max(100_000).exactOptional();

const vmRuleSchema = z.discriminatedUnion('by', [
  z.object({ by: z.literal('all') }),
  z.object({ by: z.literal('vm'), instanceUuid: z.string().min(1), name: z.string() }),
  z.object({ by: z.literal('folder'), path: z.string().min(1) }),
  z.object({ by: z.enum(placeKinds), path: z.string().min(1) }),
  z.object({ by: z.literal('name'), pattern: z.string().min(1).max(200) }),
]) satisfies z.ZodType<VmRule>;

const exclusionSchema: z.ZodType<VmExclusion> = z.object({
  rule: vmRuleSchema.refine((rule) => rule.by !== 'all', 'everything cannot be excluded'),
  reason: z.string(),
}) as z.ZodType<VmExclusion>;

export const jobSchema: z.ZodType<Job> = z.object({
  id: z.string(),
  name: z.string(),
  formerNames: z.array(z.string()).exactOptional(),
  enabled: z.boolean(),
  endpointId: z.string(),
  repositoryId: z.string(),
  selection: z.object({ include: z.array(vmRuleSchema), exclude: z.array(exclusionSchema) }),
  schedule: z
    .object({ cron: z.string(), timeZone: z.string(), missed: z.enum(['run-once', 'skip']) })
    .exactOptional(),
  retention: z.object({
    last: count,
    hourly: count,
    daily: count,
    weekly: count,
    monthly: count,
    yearly: count,
    minimum: count,
    timeZone: z.string(),
  }),
  compression: z.enum(['zstd', 'none']),
  maxChainLength: z.number().int().min(0).max(1000),
  fulls: z.enum(fullsFrom).exactOptional(),
  activeFullDays: z.number().int().nonnegative().exactOptional(),
  auditPercent: z.number().min(0).max(100).exactOptional(),
  onQuiesceFailure: z.enum(['crash-consistent', 'fail']),
  quiesceRetries: z.number().int().min(0).max(10).exactOptional(),
  createdAtMs: z.number().int().nonnegative(),
});

export function openJobs(store: Store): Jobs {
  const jobs = openTable(store, 'jobs', jobSchema);
  const scheduled = openTable(store, 'jobs-scheduled', z.number());
  return {
    listJobs: async () => (await jobs.values()).toSorted((a, b) => a.name.localeCompare(b.name)),
    getJob: (id) => jobs.get(id),
    async saveJob(job) {
      const old = await jobs.get(job.id);
      const names = new Set([
        ...(old?.formerNames ?? []),
        ...(old === undefined ? [] : [old.name]),
      ]);
      names.delete(job.name);
      const { formerNames: _, ...plain } = job;
      const saved: Job = names.size === 0 ? plain : { ...plain, formerNames: [...names] };
      await store.write([jobs.set(job.id, saved)]);
    },
    removeJob: (id) => store.write([jobs.remove(id), scheduled.remove(id)]),
    lastScheduledMs: (jobId) => scheduled.get(jobId),
    setLastScheduledMs: (jobId, epochMs) => store.write([scheduled.set(jobId, epochMs)]),
  };
}
