import { z } from 'zod';

import type { Endpoint, RepositoryConfig } from '#core/config.ts';
import { errorCodes, type ErrorRecord } from '#core/error.ts';
import { nfsVersions, type NfsShare } from '#core/nfs.ts';
import { runKinds, runStates, type RunRecord, type TaskRecord } from '#core/run.ts';

const timeMs = z.number().int().nonnegative();
const bytes = z.number().nonnegative();
const facts = z.record(z.string(), z.unknown());

export const endpointSchema: z.ZodType<Endpoint> = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  user: z.string(),
  thumbprint: z.string().exactOptional(),
  instanceUuid: z.string().exactOptional(),
});

const nfsShare: z.ZodType<NfsShare> = z.object({
  server: z.string(),
  port: z.number().exactOptional(),
  path: z.string(),
  version: z.enum(nfsVersions),
});

export const repositorySchema: z.ZodType<RepositoryConfig> = z.object({
  id: z.string(),
  name: z.string(),
  root: z.string(),
  nfs: nfsShare.exactOptional(),
  protectDays: z.int().positive().exactOptional(),
  addedAtMs: timeMs,
  encryptTo: z.array(z.string()).min(1).exactOptional(),
  sums: z.literal(true).exactOptional(),
  verification: z
    .object({
      schedule: z.object({
        cron: z.string(),
        timeZone: z.string(),
        missed: z.enum(['run-once', 'skip']),
      }),
      hours: z.number().positive(),
      againAfterDays: z.number().nonnegative(),
    })
    .exactOptional(),
});

const errorRecordSchema: z.ZodType<ErrorRecord> = z.lazy(() =>
  z.object({
    code: z.enum(errorCodes),
    message: z.string(),
    details: facts.exactOptional(),
    cause: errorRecordSchema.exactOptional(),
  }),
);

export const runSchema: z.ZodType<RunRecord> = z.object({
  id: z.string(),
  kind: z.enum(runKinds),
  title: z.string(),
  jobName: z.string().nullable(),
  state: z.enum(runStates),
  createdAtMs: timeMs,
  startedAtMs: timeMs.exactOptional(),
  endedAtMs: timeMs.exactOptional(),
  taskIds: z.array(z.string()),
});

export const taskSchema: z.ZodType<TaskRecord> = z.object({
  id: z.string(),
  runId: z.string(),
  kind: z.enum(runKinds),
  subject: z.string(),
  request: facts,
  state: z.enum(runStates),
  createdAtMs: timeMs,
  startedAtMs: timeMs.exactOptional(),
  endedAtMs: timeMs.exactOptional(),
  disks: z.array(
    z.object({
      label: z.string(),
      phase: z.string(),
      doneBytes: bytes,
      totalBytes: bytes,
      storedBytes: bytes,
      transport: z.enum(['hotadd', 'san', 'nbdssl', 'nbd', 'lease', 'file']).exactOptional(),
    }),
  ),
  warnings: z.array(z.string()),
  error: errorRecordSchema.exactOptional(),
  result: facts.exactOptional(),
});
