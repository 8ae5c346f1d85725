import type { LogLine } from '#core/api.ts';
import type { Endpoint, EndpointWithPassword, RepositoryConfig } from '#core/config.ts';
import type { JournalEntry } from '#core/journal.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { RunRecord, TaskRecord } from '#core/run.ts';
import type { Secret } from '#core/secret.ts';
import type { CatalogPort, JournalPort } from '#engine/ports.ts';

/** What the service asks of the catalog, beyond what the engine needs of it. */

export interface Page {
  readonly limit: number;
  readonly after?: { readonly createdAtMs: number; readonly id: string };
}

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
  listRestorePoints(page: Page): Promise<readonly RestorePoint[]>;
  replaceRestorePoints(
    repositoryId: string,
    points: readonly RestorePoint[],
  ): Promise<{ readonly added: number; readonly removed: number }>;
}

export interface SettingStore {
  readonly applianceId: string;
  vddkDir(): Promise<string | undefined>;
  setVddkDir(path: string | undefined): Promise<void>;
}

export interface ServiceJournal extends JournalPort {
  history(limit: number): Promise<readonly JournalEntry[]>;
}

export interface ServiceCatalog
  extends EndpointStore, RepositoryStore, RunStore, RestorePointStore, SettingStore {
  readonly journal: ServiceJournal;
}

export interface RunLogReader {
  lines(runId: string): Promise<readonly LogLine[]>;
}
