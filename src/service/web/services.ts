import type { CertificateView, HealthReport, RunView, VddkStatus } from '#core/api.ts';
import type { Clock, IdSource } from '#core/clock.ts';
import type { Job } from '#core/job.ts';
import type { RecoveryView } from '#core/api.ts';
import type { RunRecord } from '#core/run.ts';

import type { SignIns } from '../auth/sign-ins.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { AuditStore, RecordAudit } from '../auth/user-store.ts';
import type { Users } from '../auth/users.ts';
import type { Notifications } from '../notify/notifications.ts';
import type { NotifyStore } from '../notify/store.ts';
import type { BackupOrder } from '../operations/backups.ts';
import type { Endpoints } from '../operations/endpoints.ts';
import type { FindOwnVm } from '../operations/own-vm.ts';
import type { Repositories } from '../operations/repositories.ts';
import type { Strays } from '../operations/strays.ts';
import type { PruneCatalog } from '#engine/prune-ports.ts';
import type { RestorePlan } from '#engine/requests.ts';

import type { VmCheck } from '../operations/check-vm.ts';
import type { RestoreOrder } from '../operations/restores.ts';
import type { RunLogs } from '../log/run-logs.ts';
import type { RestorePointStore, RunStore, ServiceJournal } from '../ports.ts';

/** What the pages ask of the rest of the service: the same operations that the API offers. */
export interface WebServices {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly endpoints: Endpoints;
  readonly repositories: Repositories;
  readonly runs: RunStore;
  readonly points: RestorePointStore & Pick<PruneCatalog, 'restorePointMarks'>;
  readonly journal: ServiceJournal;
  readonly jobs: JobStore;
  readonly runLogs: Pick<RunLogs, 'lines' | 'whole'>;
  readonly auth: PageAuth;
  readonly notifications: Notifications;
  readonly notices: Pick<NotifyStore, 'standingAlarms' | 'listNotices'>;
  health(): Promise<HealthReport>;
  recover(signal: AbortSignal): Promise<RecoveryView>;
  vddkStatus(): Promise<VddkStatus>;
  probeCertificate(address: string, signal: AbortSignal): Promise<CertificateView>;
  backUp(order: BackupOrder, signal: AbortSignal): Promise<RunRecord>;
  readonly ownVm: FindOwnVm;
  readonly strays: Strays;
  checkVm(
    wanted: { readonly endpoint: string; readonly moref: string },
    signal: AbortSignal,
  ): Promise<VmCheck>;
  planRestore(order: RestoreOrder, signal: AbortSignal): Promise<RestorePlan>;
  restore(order: RestoreOrder, signal: AbortSignal): Promise<RunRecord>;
  /** `note` undefined unpins. */
  pin(restorePointId: string, note: string | undefined): Promise<unknown>;
  /** Refused while anything needs it, and for the VM's last one. */
  removePoint(restorePointId: string, signal: AbortSignal): Promise<void>;
  verify(restorePointId: string): Promise<RunRecord>;
  runJob(job: Job, signal: AbortSignal): Promise<RunRecord>;
  cancel(runId: string): Promise<RunRecord>;
  /** Fresher than the store while the run is under way. */
  runView(runId: string): Promise<RunView>;
}

/** Users and their sign-ins, tokens, and who did what. */
export interface PageAuth {
  readonly users: Users;
  readonly signIns: SignIns;
  readonly tokens: Tokens;
  readonly audit: AuditStore;
  readonly record: RecordAudit;
}

export interface JobStore {
  listJobs(): Promise<readonly Job[]>;
  getJob(id: string): Promise<Job | undefined>;
  saveJob(job: Job): Promise<void>;
  removeJob(id: string): Promise<void>;
}
