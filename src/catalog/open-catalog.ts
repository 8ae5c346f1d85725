import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { Level } from 'level';

import type { Clock, IdSource } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';

import { openApiTokens, type ApiTokens } from './api-tokens.ts';
import { openArchiveKeys, type ArchiveKeys } from './archive-keys.ts';
import { openAuditLog, type AuditLog } from './audit-log.ts';
import { openAuditPositions, type AuditPositions } from './audit-positions.ts';
import { openEndpoints, type Endpoints } from './endpoints.ts';
import { openJobs, type Jobs } from './jobs.ts';
import { openJournal, type Journal } from './journal.ts';
import { loadSecretKey } from './key-file.ts';
import { openNotify, type NotifyTable } from './notify.ts';
import { openRepositories, type Repositories } from './repositories.ts';
import { openRestorePointMarks, type MarkTable } from './restore-point-marks.ts';
import { openRestorePoints, type RestorePoints } from './restore-points.ts';
import { openRuns, type Runs } from './runs.ts';
import { openSettings, type Settings } from './settings.ts';
import { Store } from './store.ts';
import { openSigningKey, type SigningKeys } from './signing-key.ts';
import { openUsers, type Users } from './users.ts';

export interface CatalogOptions {
  /** Holds `catalog/` and `secret.key`; made when missing. */
  readonly dataDir: string;
  readonly credentialsDirectory?: string;
  readonly clock: Clock;
  readonly ids: IdSource;
}

export interface Catalog
  extends
    AsyncDisposable,
    Settings,
    Endpoints,
    Repositories,
    RestorePoints,
    MarkTable,
    AuditPositions,
    Runs,
    Jobs,
    Users,
    ApiTokens,
    AuditLog,
    NotifyTable,
    SigningKeys,
    ArchiveKeys {
  readonly journal: Journal;
}

/** Opens the one database of a data folder. A second process gets 'busy'. */
export async function openCatalog(options: CatalogOptions): Promise<Catalog> {
  const { dataDir, credentialsDirectory, clock, ids } = options;
  await makeDataDir(dataDir);
  await using stack = new AsyncDisposableStack();
  const store = stack.use(new Store(await openDatabase(join(dataDir, 'catalog'))));
  const settings = await openSettings(store, ids);
  const key = await loadSecretKey({
    dataDir,
    ...(credentialsDirectory === undefined ? {} : { credentialsDirectory }),
  });
  const { applianceId } = settings;
  const journal = await openJournal({ store, clock, ids, applianceId });
  const nowMs = () => clock.now();
  const audit = await openAuditLog(store, { key, nowMs });
  const restorePoints = await openRestorePoints(store);
  const kept = stack.move();
  return {
    ...settings,
    ...openEndpoints(store, key),
    ...openRepositories(store),
    ...restorePoints,
    ...openRestorePointMarks(store),
    ...openAuditPositions(store),
    ...openRuns(store),
    ...openJobs(store),
    ...openNotify(store, key),
    ...openUsers(store, { key, nowMs }),
    ...openApiTokens(store),
    ...openArchiveKeys(store, key),
    ...openSigningKey(store, key),
    ...audit,
    journal,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function makeDataDir(dataDir: string): Promise<void> {
  try {
    // Passwords (encrypted), VM names and paths lie below: nobody else's business.
    if ((await mkdir(dataDir, { recursive: true })) !== undefined) await chmod(dataDir, 0o700);
  } catch (error) {
    throw new ColdframeError(
      'io',
      `The data folder ${dataDir} cannot be made. Choose another with --data-dir, or make it and give it to the user that runs coldframe.`,
      { cause: error },
    );
  }
}

async function openDatabase(path: string): Promise<Level> {
  const db = new Level(path);
  try {
    await db.open();
    return db;
  } catch (error) {
    if (causeCodes(error).includes('LEVEL_LOCKED'))
      throw new ColdframeError(
        'busy',
        `Another coldframe service is using ${path}. Stop it first, or choose another data folder.`,
        { cause: error },
      );
    if (causeCodes(error).includes('LEVEL_CORRUPTION'))
      throw new ColdframeError(
        'io',
        `The catalog in ${path} is damaged. Move that folder away, start again, add the endpoints and repositories, and the restore points are found in the archives.`,
        { cause: error },
      );
    throw new ColdframeError(
      'io',
      `The catalog in ${path} cannot be opened. Check the folder's owner, its permissions and the free space.`,
      { cause: error },
    );
  }
}

/** abstract-level wraps the reason: its code may be on any error of the cause chain. */
function causeCodes(error: unknown): string[] {
  const codes: string[] = [];
  for (let e = error; e instanceof Error; e = e.cause)
    if ('code' in e && typeof e.code === 'string') codes.push(e.code);
  return codes;
}
