import type { CertificateView, FolderProof, LogLine } from '#core/api.ts';
import type { Endpoint, EndpointWithPassword, RepositoryConfig } from '#core/config.ts';
import type { JournalEntry } from '#core/journal.ts';
import type { Job } from '#core/job.ts';
import type { Pin } from '#core/restore-point-marks.ts';
import type { RestorePoint, RestorePointTime } from '#core/restore-point.ts';
import type { RunRecord, TaskRecord } from '#core/run.ts';
import type { Secret } from '#core/secret.ts';
import type { Stray, StrayReleaseView } from '#core/strays.ts';
import type { VmLook } from '#engine/look-at-vm.ts';
import type { StrayRequest } from '#engine/strays.ts';
import type {
  CatalogPort,
  EngineContext,
  JournalPort,
  RepositoryState,
  TaskLog,
  VmQuery,
} from '#engine/ports.ts';
import type { SyntheticOutcome, SyntheticRequest } from '#engine/make-synthetic-full.ts';
import type { PruneCatalog } from '#engine/prune-ports.ts';
import type { PruneOutcome, PruneRequest } from '#engine/prune.ts';
import type { RemovalRequest } from '#engine/remove-restore-point.ts';
import type {
  BackupOutcome,
  BackupRequest,
  RecoverOutcome,
  RestoreOutcome,
  RestorePlan,
  RestoreRequest,
  TaskWatch,
  VerifyOutcome,
  VerifyRequest,
} from '#engine/requests.ts';
import type { RollingOutcome, RollingRequest } from '#engine/verify-oldest-proofs.ts';

/** What the service asks of the catalog, beyond what the engine needs of it. */

export interface Page {
  readonly limit: number;
  readonly after?: { readonly createdAtMs: number; readonly id: string };
}

export type RestorePointChoice =
  | { readonly by: 'word'; readonly word: string }
  | { readonly by: 'repository'; readonly repositoryId: string };

export interface EndpointStore {
  listEndpoints(): Promise<readonly Endpoint[]>;
  getEndpoint(id: string): Promise<Endpoint | undefined>;
  unlockEndpoint(id: string): Promise<EndpointWithPassword>;
  saveEndpoint(endpoint: Endpoint, password?: Secret): Promise<void>;
  removeEndpoint(id: string): Promise<void>;
}

export interface RepositoryStore {
  listRepositories(): Promise<readonly RepositoryConfig[]>;
  getRepository(id: string): Promise<RepositoryConfig | undefined>;
  saveRepository(repository: RepositoryConfig): Promise<void>;
  removeRepository(id: string): Promise<void>;
}

export interface RunStore {
  saveRun(run: RunRecord, tasks?: readonly TaskRecord[]): Promise<void>;
  saveTask(task: TaskRecord): Promise<void>;
  getRun(id: string): Promise<RunRecord | undefined>;
  tasksOfRun(runId: string): Promise<readonly TaskRecord[]>;
  listRuns(page: Page): Promise<readonly RunRecord[]>;
  unfinishedRuns(): Promise<readonly RunRecord[]>;
}

export interface RestorePointStore extends CatalogPort {
  listRestorePoints(
    page: Page & { readonly filter?: RestorePointChoice },
  ): Promise<readonly RestorePoint[]>;
  removeRestorePoint(id: string): Promise<void>;
  /** Adds or replaces, together. */
  addRestorePoints(points: readonly RestorePoint[]): Promise<void>;
  /** Those of a repository, newest first, some at a time. */
  restorePointsIn(repositoryId: string): AsyncGenerator<RestorePoint>;
  /** Those of each VM, newest first, under `vmKey`; cheap to ask for again. */
  restorePointTimes(): Promise<ReadonlyMap<string, readonly RestorePointTime[]>>;
  replaceRestorePoints(
    repositoryId: string,
    points: readonly RestorePoint[],
    unreadable?: readonly string[],
  ): Promise<{ readonly added: number; readonly removed: number }>;
}

export interface MarkStore extends Pick<PruneCatalog, 'restorePointMarks'> {
  /** undefined unpins. */
  setPin(id: string, pin: Pin | undefined): Promise<void>;
}

export interface DamageStore {
  /** Ids of all restore points that are known to be damaged. */
  damagedPoints(): Promise<ReadonlySet<string>>;
}

export interface JobStore {
  listJobs(): Promise<readonly Job[]>;
  getJob(id: string): Promise<Job | undefined>;
  saveJob(job: Job): Promise<void>;
  /** Its restore points stay. */
  removeJob(id: string): Promise<void>;
}

export interface SettingStore {
  readonly applianceId: string;
  vddkDir(): Promise<string | undefined>;
  setVddkDir(path: string | undefined): Promise<void>;
}

/** Of the first user; undefined on a new appliance. */
export interface PasswordStore {
  adminPasswordHash(): Promise<string | undefined>;
  setAdminPasswordHash(hash: string): Promise<void>;
}

export interface ServiceJournal extends JournalPort {
  history(limit: number): Promise<readonly JournalEntry[]>;
}

export interface ServiceCatalog
  extends
    EndpointStore,
    RepositoryStore,
    RunStore,
    RestorePointStore,
    MarkStore,
    PruneCatalog,
    JobStore,
    SettingStore {
  readonly journal: ServiceJournal;
}

/** Reads a server's certificate without trusting it. */
export type ProbeCertificate = (
  address: string,
  signal: AbortSignal,
) => Promise<Omit<CertificateView, 'address'>>;

/** Tries a folder, then makes or adopts it; returns the id in its marker. */
export type InitialiseRepository = (
  root: string,
  signal: AbortSignal,
) => Promise<{ readonly id: string; readonly created: boolean; readonly proof: FolderProof }>;

/** The engine's use cases with their context filled in. */
export interface UseCases {
  /** What no open journal entry accounts for; changes nothing. */
  listStrays(request: StrayRequest, signal: AbortSignal): Promise<readonly Stray[]>;
  releaseStrays(
    request: StrayRequest & { readonly ids: readonly string[] | undefined },
    signal: AbortSignal,
  ): Promise<Omit<StrayReleaseView, 'unreachable'>>;
  /** What a backup of the VM would meet; changes nothing. */
  checkVm(
    wanted: { readonly endpoint: EndpointWithPassword; readonly vm: VmQuery },
    signal: AbortSignal,
  ): Promise<VmLook>;
  backUpVm(request: BackupRequest, watch: LoggedWatch): Promise<BackupOutcome>;
  planRestore(request: RestoreRequest, watch: LoggedWatch): Promise<RestorePlan>;
  restoreVm(request: RestoreRequest, watch: LoggedWatch): Promise<RestoreOutcome>;
  verifyRestorePoint(request: VerifyRequest, watch: LoggedWatch): Promise<VerifyOutcome>;
  verifyOldestProofs(request: RollingRequest, watch: LoggedWatch): Promise<RollingOutcome>;
  /** Oldest first; each was read from its archive now. */
  archivesOfPoint(request: VerifyRequest, signal: AbortSignal): Promise<readonly RestorePoint[]>;
  /** Undefined: the chain is not that long yet. */
  makeSyntheticFull(
    request: SyntheticRequest,
    watch: LoggedWatch,
  ): Promise<SyntheticOutcome | undefined>;
  /** Throws, having removed nothing, when the archives cannot be listed whole. */
  prune(request: PruneRequest, watch: Omit<LoggedWatch, 'onProgress'>): Promise<PruneOutcome>;
  removeRestorePoint(request: RemovalRequest, signal: AbortSignal): Promise<RestorePoint>;
  recover(signal: AbortSignal): Promise<RecoverOutcome>;
}

export interface LoggedWatch extends TaskWatch {
  readonly log: TaskLog;
}

export interface RunLogReader {
  lines(runId: string): Promise<readonly LogLine[]>;
}

export type Vsphere = EngineContext['vsphere'];

export interface RepositoryAccess {
  check(repository: RepositoryConfig, signal: AbortSignal): Promise<RepositoryState>;
  /** All archives, those that cannot be read named with the reason. */
  scan(
    repository: RepositoryConfig,
    signal: AbortSignal,
  ): Promise<{
    readonly points: readonly RestorePoint[];
    readonly unreadable: readonly { readonly path: string; readonly error: Error }[];
  }>;
  /** Names and sizes of all archives, without opening them; throws rather than answering in part. */
  stock(
    repository: RepositoryConfig,
    signal: AbortSignal,
  ): Promise<{
    readonly archives: readonly { readonly path: string; readonly bytes: number }[];
    /** Final paths of unfinished archives. */
    readonly partials: readonly string[];
  }>;
  read(repository: RepositoryConfig, path: string, signal: AbortSignal): Promise<RestorePoint>;
}
