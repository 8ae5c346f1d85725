import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openCatalog } from '#catalog/open-catalog.ts';
import type { Clock, IdSource } from '#core/clock.ts';
import type { RunKind } from '#core/run.ts';
import type { TaskLog } from '#engine/ports.ts';

import { createAdapters } from './compose-adapters.ts';
import { bindUseCases } from './compose-engine.ts';
import { startSchedule } from './compose-schedule.ts';
import { startPages } from './compose-web.ts';
import type { ServiceConfig } from './config.ts';
import { takeOverFirstBoot } from './first-boot.ts';
import { createHealth } from './health.ts';
import { createApp } from './http/app.ts';
import { listen } from './http/listen.ts';
import { endpointRoutes } from './http/routes/endpoints.ts';
import { healthRoutes } from './http/routes/health.ts';
import { jobRoutes } from './http/routes/jobs.ts';
import { journalRoutes } from './http/routes/journal.ts';
import { orderRoutes } from './http/routes/orders.ts';
import { repositoryRoutes } from './http/routes/repositories.ts';
import { restorePointCareRoutes } from './http/routes/restore-point-care.ts';
import { restorePointRoutes } from './http/routes/restore-points.ts';
import { runRoutes } from './http/routes/runs.ts';
import { vddkRoutes } from './http/routes/vddk.ts';
import { makeToken } from './http/token.ts';
import { createServiceLog, type ServiceLog } from './log/logger.ts';
import { RunLogs } from './log/run-logs.ts';
import { SecretMask } from './log/secret-mask.ts';
import { backupExecutor, orderBackup } from './operations/backups.ts';
import { checkVm } from './operations/check-vm.ts';
import { createEndpoints } from './operations/endpoints.ts';
import { createJobDefinitions } from './operations/job-definitions.ts';
import { pointsBeingRead } from './operations/points-in-use.ts';
import { pruneAfterBackup } from './operations/prune-after-backup.ts';
import { createRepositories } from './operations/repositories.ts';
import { pinRestorePoint, removeByHand } from './operations/restore-point-care.ts';
import { orderRestore, planRestore, restoreExecutor } from './operations/restores.ts';
import { ownVmFinder } from './operations/own-vm.ts';
import { findRun } from './operations/runs.ts';
import { createVddk } from './operations/vddk.ts';
import { orderVerification, verificationExecutor } from './operations/verifications.ts';
import { recoverThenRun } from './recover-then-run.ts';
import { RunEvents } from './runs/run-events.ts';
import { RunQueue } from './runs/run-queue.ts';
import type { ExecuteTask } from './runs/run-task.ts';
import { connectSystemd, noSystemd } from './systemd.ts';

export interface ServiceOptions {
  readonly config: ServiceConfig;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Where the log goes. */
  readonly stream: NodeJS.WritableStream;
}

/** A service that is up; disposing stops it in order. */
export interface RunningService extends AsyncDisposable {
  readonly log: ServiceLog;
  readonly socket: string;
  readonly url: string | undefined;
  /** Of the admin page, when it is on. */
  readonly pageUrl: string | undefined;
}

/** The composition root: every adapter is made here and given to those who need it. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { config, clock, ids, stream } = options;
  const { dataDir, logLevel: level, journald, credentialsDirectory, vddkDir } = config;
  await using stack = new AsyncDisposableStack();
  const mask = new SecretMask();
  const log = createServiceLog({ level, journald, mask, stream });
  const catalog = stack.use(
    await openCatalog({
      dataDir,
      clock,
      ids,
      ...(credentialsDirectory === undefined ? {} : { credentialsDirectory }),
    }),
  );
  await takeOverFirstBoot({ dataDir, passwords: catalog, log });
  const { journal } = catalog;
  const adapters = await createAdapters({ config, clock, ids, log });
  const { vsphere } = adapters;

  const endpoints = createEndpoints({
    store: catalog,
    journal,
    vsphere,
    ids,
    guard: (password) => mask.add(password),
  });
  const repositories = createRepositories({
    store: catalog,
    journal,
    access: adapters.repositories,
    initialise: adapters.initialise,
    clock,
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
  const pruneAfter = pruneAfterBackup({
    jobs: catalog,
    useCases,
    inUse: () => pointsBeingRead(queue.unendedTasks()),
  });
  const executors: Readonly<Record<RunKind, ExecuteTask>> = {
    backup: backupExecutor({ ...context, pruneAfter }, useCases),
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
    checkRepository: async (id) => {
      await repositories.check(id, new AbortController().signal);
    },
  });
  const systemd = stack.use(
    config.systemd === undefined
      ? noSystemd
      : connectSystemd({ ...config.systemd, healthy: () => health.alive(), log }),
  );
  const ownVm = ownVmFinder({ endpoints, vsphere, devices: adapters.devices });
  const orders = { ...context, vsphere, queue, useCases, ownVm };
  const jobDefinitions = createJobDefinitions({
    ...orders,
    jobs: catalog,
    runs: catalog,
    clock,
    ids,
  });
  const care = { ...orders, store: catalog, clock };
  const token = await makeToken(dataDir);
  mask.add(token);
  const answer = createApp({
    token,
    log,
    routes: [
      ...healthRoutes(health),
      ...endpointRoutes(endpoints, adapters.probe),
      ...repositoryRoutes(repositories),
      ...vddkRoutes(vddk),
      ...orderRoutes({ ...orders, log: serviceLog }),
      ...runRoutes({ store: catalog, queue, events, logs }),
      ...restorePointRoutes(catalog),
      ...restorePointCareRoutes(care),
      ...jobRoutes(jobDefinitions, { ...orders, jobs: catalog, store: catalog, clock }),
      ...journalRoutes(journal, useCases),
    ],
  }).callback();
  const server = stack.use(
    await listen({
      ...config.http,
      handler: (request, response) => void answer(request, response),
    }),
  );
  await writeFile(join(dataDir, 'api-socket'), `${server.socket}\n`, { mode: 0o600 });
  const pages = await startPages(
    config,
    {
      clock,
      ids,
      endpoints,
      repositories,
      runs: catalog,
      points: catalog,
      journal,
      jobs: catalog,
      runLogs: logs,
      passwords: catalog,
      health: () => health.report(),
      recover: async (signal) => {
        const { undone } = await useCases.recover(signal);
        return { undone, open: await journal.open() };
      },
      vddkStatus: () => vddk.status(),
      probeCertificate: async (address, signal) => ({
        address,
        ...(await adapters.probe(address, signal)),
      }),
      backUp: (order, signal) => orderBackup(orders, order, signal),
      ownVm,
      checkVm: (wanted, signal) =>
        checkVm({ endpoints, vsphere, devices: adapters.devices }, wanted, signal),
      planRestore: (order, signal) => planRestore(orders, order, { signal, log: serviceLog }),
      restore: (order, signal) => orderRestore(orders, order, { signal, log: serviceLog }),
      verify: (restorePoint) => orderVerification(orders, { restorePoint }),
      runJob: (job, signal) => jobDefinitions.run(job.id, signal),
      pin: (id, note) => pinRestorePoint(care, id, note),
      removePoint: (id, signal) => removeByHand(care, { id, evenLast: false }, signal),
      cancel: (runId) => queue.cancel(runId),
      runView: (runId) => findRun({ store: catalog, queue }, runId),
    },
    log,
  );
  if (pages !== undefined) stack.use(pages);
  // Tasks end while callers can still see how, and before the catalog closes.
  stack.defer(() => queue.stop(AbortSignal.timeout(config.shutdownMs)));
  stack.use(startSchedule({ ...orders, clock, ids, jobs: catalog, runs: catalog, log }));
  stack.use(recoverThenRun({ queue, useCases, systemd, log }));
  await systemd.ready('Undoing what the last run left.');
  log.log('info', 'The service is up.', {
    details: { socket: server.socket, url: server.url, dataDir },
  });
  stack.defer(() => systemd.stopping());
  const kept = stack.move();
  return {
    log,
    socket: server.socket,
    url: server.url,
    pageUrl: pages?.url,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function asTaskLog(log: ServiceLog): TaskLog {
  const writer =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, details?: Readonly<Record<string, unknown>>): void =>
      log.log(level, message, details === undefined ? {} : { details });
  return { info: writer('info'), warn: writer('warn'), error: writer('error') };
}
