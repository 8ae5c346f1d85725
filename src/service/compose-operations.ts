import { hostname } from 'node:os';
import { join } from 'node:path';

import { checkRecipients } from '#archive/age-keys.ts';
import { publicKeyOf } from '#archive/signature.ts';
import type { Catalog } from '#catalog/open-catalog.ts';
import type { SigningKeyView } from '#core/api.ts';
import type { Clock, IdSource } from '#core/clock.ts';
import type { RunKind } from '#core/run.ts';
import type { Secret } from '#core/secret.ts';
import type { TaskLog } from '#engine/ports.ts';

import type { Adapters } from './compose-adapters.ts';
import { createAuth } from './compose-auth.ts';
import { bindUseCases } from './compose-engine.ts';
import type { ServiceConfig } from './config.ts';
import { guestFilesOpener } from './compose-files.ts';
import { createHealth } from './health.ts';
import type { ServiceLog } from './log/logger.ts';
import { RunLogs } from './log/run-logs.ts';
import type { SecretMask } from './log/secret-mask.ts';
import type { ArchiveKeyRing } from './operations/archive-keys.ts';
import { RunCounters } from './metrics/run-counters.ts';
import { Notifications } from './notify/notifications.ts';
import { backupExecutor } from './operations/backups.ts';
import { createConfigFiles } from './operations/config-apply.ts';
import { createEndpoints } from './operations/endpoints.ts';
import { FileMounts } from './operations/file-mounts.ts';
import { createJobDefinitions } from './operations/job-definitions.ts';
import { createProtections } from './operations/protections.ts';
import { ownVmFinder } from './operations/own-vm.ts';
import { pointsBeingRead } from './operations/points-in-use.ts';
import { pruneAfterBackup } from './operations/prune-after-backup.ts';
import { createRepositories } from './operations/repositories.ts';
import { createRepositoryEncryption } from './operations/repository-encryption.ts';
import { restoreExecutor } from './operations/restores.ts';
import { createVerificationPlans } from './operations/rolling-verification.ts';
import { createStrays } from './operations/strays.ts';
import { createVddk } from './operations/vddk.ts';
import { verificationExecutor } from './operations/verifications.ts';
import { RunEvents } from './runs/run-events.ts';
import { RunQueue } from './runs/run-queue.ts';
import type { ExecuteTask } from './runs/run-task.ts';

export interface OperationsOptions {
  readonly config: ServiceConfig;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: ServiceLog;
  readonly mask: SecretMask;
  readonly catalog: Catalog;
  readonly adapters: Adapters;
  readonly keys: ArchiveKeyRing;
  readonly signingKey: () => Promise<Secret>;
}

export type Operations = ReturnType<typeof createOperations>;

/** What the API and the pages offer, joined to the engine and the adapters once for both. */
export function createOperations(options: OperationsOptions) {
  const { config, clock, ids, log, mask, catalog, adapters, keys } = options;
  const { dataDir, vddkDir } = config;
  const { journal } = catalog;
  const { vsphere, devices } = adapters;
  const notifications = new Notifications({
    store: catalog,
    clock,
    ids,
    host: hostname(),
    guard: (secret) => mask.add(secret),
  });
  const auth = createAuth({ clock, ids, catalog, log, mask });
  const endpoints = createEndpoints({
    store: catalog,
    journal,
    vsphere,
    devices,
    ids,
    guard: (password) => mask.add(password),
  });
  const repositories = createRepositories({
    store: catalog,
    journal,
    access: adapters.repositories,
    initialise: adapters.initialise,
    nfsMounts: adapters.nfsMounts,
    clock,
  });
  const encryption = createRepositoryEncryption({
    store: catalog,
    repositories,
    keys,
    checkRecipients,
  });
  const verificationPlans = createVerificationPlans({ store: catalog, repositories, clock });
  const protections = createProtections({
    store: catalog,
    repositories,
    helper: adapters.helper,
    clock,
    prove: (repository, path) => adapters.repositories.proveProtected(repository, path),
  });
  const vddk = createVddk({
    dataDir,
    settings: catalog,
    ids,
    ...(vddkDir === undefined ? {} : { configuredDir: vddkDir }),
  });
  const serviceLog = asTaskLog(log);
  const events = new RunEvents();
  const logs = new RunLogs({
    folder: join(dataDir, 'logs'),
    service: log,
    mask,
    clock,
    onLine: (runId, line) => events.publish(runId, { type: 'log', line }),
  });
  const useCases = bindUseCases({
    clock,
    ids,
    adapters,
    catalog,
    vddk,
    log: serviceLog,
    runningTaskIds: () => queue.runningTaskIds(),
    sources: {
      endpoint: async (id) =>
        (await catalog.getEndpoint(id)) === undefined ? undefined : endpoints.unlock(id),
      repository: (id) => catalog.getRepository(id),
    },
  });
  const context = { endpoints, repositories, restorePoints: catalog };
  const fileMounts = new FileMounts({
    repositories,
    restorePoints: catalog,
    useCases,
    open: guestFilesOpener(clock),
    identities: () => keys.identities(),
    clock,
    ids,
  });
  const pruneAfter = pruneAfterBackup({
    jobs: catalog,
    useCases,
    inUse: () => new Set([...pointsBeingRead(queue.unendedTasks()), ...fileMounts.restorePoints()]),
  });
  const executors: Readonly<Record<RunKind, ExecuteTask>> = {
    backup: backupExecutor({ ...context, pruneAfter, protections }, useCases),
    restore: restoreExecutor(context, useCases),
    verify: verificationExecutor(context, useCases),
  };
  const queue = new RunQueue({
    store: catalog,
    logs,
    events,
    clock,
    ids,
    limit: config.tasks,
    execute: (input) => executors[input.task.kind](input),
    onError: (message, error) => log.log('error', message, { error }),
  });
  const health = createHealth({
    catalog,
    startedAtMs: clock.now(),
    load: () => queue.load(),
    strays: () => strays.last(),
    checkRepository: async (id) => {
      await repositories.check(id, new AbortController().signal);
    },
  });
  const strays = createStrays({ endpoints, useCases, clock });
  const metrics = {
    clock,
    applianceId: catalog.applianceId,
    points: catalog,
    jobs: catalog,
    runs: catalog,
    journal,
    notices: catalog,
    load: () => queue.load(),
    listRepositories: (signal: AbortSignal) => repositories.list(signal),
    counters: new RunCounters(catalog, clock.now()),
  };
  const ownVm = ownVmFinder({ endpoints, vsphere, devices });
  const orders = { ...context, vsphere, queue, useCases, ownVm };
  const jobDefinitions = createJobDefinitions({
    ...orders,
    jobs: catalog,
    runs: catalog,
    clock,
    ids,
  });
  const configFiles = createConfigFiles({
    store: catalog,
    endpoints,
    repositories,
    encryption,
    jobs: jobDefinitions,
    keys,
  });
  const care = { ...orders, store: catalog, clock };
  return {
    auth,
    notifications,
    metrics,
    clock,
    ids,
    catalog,
    adapters,
    endpoints,
    repositories,
    encryption,
    protections,
    verificationPlans,
    publicKey: async (): Promise<SigningKeyView> => publicKeyOf(await options.signingKey()),
    fileMounts,
    keys,
    configFiles,
    vddk,
    serviceLog,
    events,
    logs,
    useCases,
    queue,
    health,
    orders,
    jobDefinitions,
    strays,
    care,
  };
}

function asTaskLog(log: ServiceLog): TaskLog {
  const writer =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, details?: Readonly<Record<string, unknown>>): void =>
      log.log(level, message, details === undefined ? {} : { details });
  return { info: writer('info'), warn: writer('warn'), error: writer('error') };
}
