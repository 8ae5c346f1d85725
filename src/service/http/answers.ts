import { z } from 'zod';

import type {
  CertificateView,
  EndpointList,
  EndpointTest,
  HealthReport,
  JobTimes,
  RunList,
  RunLogView,
  RunView,
  VddkStatus,
} from '#core/api.ts';
import type { AuditList, NewTokenView, TokenList, UserList } from '#core/api-users.ts';
import type { AuditCheck } from '#core/audit.ts';
import type { Endpoint } from '#core/config.ts';
import { errorCodes } from '#core/error.ts';
import { runKinds, runStates, type RunRecord, type TaskRecord } from '#core/run.ts';
import { roles, userRoles, type ApiToken, type User } from '#core/user.ts';

/** What the API answers with, for its description; the tests hold real answers against it. */

const timeMs = z.number().int().nonnegative();
const bytes = z.number().nonnegative();
const facts = z.record(z.string(), z.unknown());

export const userAnswer = z.object({
  name: z.string(),
  role: z.enum(userRoles),
  totp: z.boolean(),
  createdAtMs: timeMs,
}) satisfies z.ZodType<User>;

export const userListAnswer = z.object({
  users: z.array(userAnswer),
}) satisfies z.ZodType<UserList>;

const tokenAnswer = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  createdAtMs: timeMs,
  createdBy: z.string(),
  expiresAtMs: timeMs.exactOptional(),
  lastUsedAtMs: timeMs.exactOptional(),
}) satisfies z.ZodType<ApiToken>;

export const tokenListAnswer = z.object({
  tokens: z.array(tokenAnswer),
}) satisfies z.ZodType<TokenList>;

export const newTokenAnswer = tokenAnswer.extend({
  secret: z.string(),
}) satisfies z.ZodType<NewTokenView>;

export const auditListAnswer = z.object({
  entries: z.array(
    z.object({
      seq: z.number().int().positive(),
      timeMs,
      who: z.string(),
      via: z.enum(['page', 'token', 'command line', 'service']),
      action: z.string(),
      target: z.string(),
      outcome: z.enum(['done', 'refused', 'failed']),
      detail: z.string().exactOptional(),
      previous: z.string(),
      digest: z.string(),
    }),
  ),
  before: z.number().int().positive().exactOptional(),
}) satisfies z.ZodType<AuditList>;

export const auditCheckAnswer = z.object({
  entries: z.number().int().nonnegative(),
  head: z.object({ seq: z.number().int(), digest: z.string() }).exactOptional(),
  broken: z.object({ seq: z.number().int(), reason: z.string() }).exactOptional(),
}) satisfies z.ZodType<AuditCheck>;

export const healthAnswer = z.object({
  status: z.enum(['ok', 'degraded']),
  version: z.string(),
  applianceId: z.string(),
  startedAtMs: timeMs,
  pid: z.number().int(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), message: z.string() })),
  running: z.number().int(),
  queued: z.number().int(),
  openJournalEntries: z.number().int(),
}) satisfies z.ZodType<HealthReport>;

export const endpointAnswer = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  user: z.string(),
  thumbprint: z.string().exactOptional(),
  instanceUuid: z.string().exactOptional(),
}) satisfies z.ZodType<Endpoint>;

export const endpointListAnswer = z.object({
  endpoints: z.array(endpointAnswer),
}) satisfies z.ZodType<EndpointList>;

/** Facts of one endpoint that were looked up just now. */
export const endpointTestAnswer = z.object({
  endpoint: endpointAnswer,
  product: z.string(),
  apiVersion: z.string(),
  instanceUuid: z.string(),
  vmCount: z.number().int(),
}) satisfies z.ZodType<Pick<EndpointTest, 'endpoint' | 'product' | 'apiVersion' | 'vmCount'>>;

export const certificateAnswer = z.object({
  address: z.string(),
  sha1: z.string(),
  sha256: z.string(),
  subject: z.string(),
  issuer: z.string(),
  validFrom: z.string(),
  validTo: z.string(),
}) satisfies z.ZodType<CertificateView>;

export const vddkAnswer = z.object({
  installed: z.boolean(),
  libDir: z.string().exactOptional(),
  version: z.string().exactOptional(),
}) satisfies z.ZodType<VddkStatus>;

/** `cause` is one again; a description that contains itself is more than most generators can read. */
const errorAnswer = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  details: facts.exactOptional(),
  cause: facts.exactOptional(),
});

export const runAnswer = z.object({
  id: z.string(),
  kind: z.enum(runKinds),
  title: z.string(),
  jobName: z.string().nullable(),
  state: z.enum(runStates),
  createdAtMs: timeMs,
  startedAtMs: timeMs.exactOptional(),
  endedAtMs: timeMs.exactOptional(),
  taskIds: z.array(z.string()),
}) satisfies z.ZodType<RunRecord>;

const taskAnswer = z.object({
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
  error: errorAnswer.exactOptional(),
  result: facts.exactOptional(),
}) satisfies z.ZodType<Omit<TaskRecord, 'error'>>;

export const runListAnswer = z.object({
  runs: z.array(runAnswer),
  next: z.string().exactOptional(),
}) satisfies z.ZodType<RunList>;

export const runViewAnswer = z.object({
  run: runAnswer,
  tasks: z.array(taskAnswer),
}) satisfies z.ZodType<Pick<RunView, 'run'>>;

export const runLogAnswer = z.object({
  lines: z.array(
    z.object({
      timeMs: z.number().int(),
      level: z.enum(['info', 'warn', 'error']),
      taskId: z.string().exactOptional(),
      message: z.string(),
    }),
  ),
}) satisfies z.ZodType<RunLogView>;

export const jobTimesAnswer = z.object({
  timesMs: z.array(timeMs),
}) satisfies z.ZodType<JobTimes>;

/** A description in words of what is listed under one name; the objects may carry more than this. */
export function listAnswer(name: string): z.ZodType {
  return z.object({ [name]: z.array(z.looseObject({})), next: z.string().exactOptional() });
}
