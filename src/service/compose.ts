import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openCatalog } from '#catalog/open-catalog.ts';
import type { Clock, IdSource } from '#core/clock.ts';
import type { Secret } from '#core/secret.ts';

import { createAdapters } from './compose-adapters.ts';
import { apiRoutes } from './compose-api.ts';
import { bindArchiveKeys } from './compose-keys.ts';
import { createOperations } from './compose-operations.ts';
import { startSchedule } from './compose-schedule.ts';
import { startPages } from './compose-web.ts';
import type { ServiceConfig } from './config.ts';
import { takeOverFirstBoot } from './first-boot.ts';
import { addFirstRepository } from './first-repository.ts';
import { createApp } from './http/app.ts';
import { anyCaller, localCaller, tokenCaller } from './http/authenticate.ts';
import { IdempotencyKeys } from './http/idempotency.ts';
import { listen } from './http/listen.ts';
import { makeToken } from './http/token.ts';
import { createServiceLog, type ServiceLog } from './log/logger.ts';
import { SecretMask } from './log/secret-mask.ts';
import { watchNotices } from './notify/watch.ts';
import { recoverThenRun } from './recover-then-run.ts';
import { watchStrays } from './watch-strays.ts';
import { orderRolling } from './operations/rolling-verification.ts';
import { startVerificationSchedule } from './schedule/verification-schedule.ts';
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

/**
 * The composition root: opens what must be opened, in order. What is offered is joined in
 * `compose-operations.ts`, and shown by `compose-api.ts` and `compose-web.ts`.
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { config, clock, ids, stream } = options;
  const { dataDir, logLevel: level, journald, credentialsDirectory } = config;
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
  const keys = bindArchiveKeys({ catalog, clock, mask });
  const identities = () => keys.identities();
  const signingKey = async (): Promise<Secret> => {
    const key = await catalog.signingKey();
    mask.add(key);
    return key;
  };
  const adapters = await createAdapters({ config, clock, ids, log, identities, signingKey });
  stack.use(adapters.vsphere);
  stack.use(adapters.repositories);
  const operations = createOperations({
    config,
    clock,
    ids,
    log,
    mask,
    catalog,
    adapters,
    keys,
    signingKey,
  });
  const { queue, useCases, health, orders } = operations;
  stack.use(operations.fileMounts);
  const systemd = stack.use(
    config.systemd === undefined
      ? noSystemd
      : connectSystemd({ ...config.systemd, healthy: () => health.alive(), log }),
  );
  const token = await makeToken(dataDir);
  mask.add(token);
  const { tokens, record } = operations.auth;
  const routes = apiRoutes(operations);
  const byToken = tokenCaller(tokens);
  const identify = anyCaller(localCaller(token), byToken);
  const shared = { routes, record, keys: new IdempotencyKeys(clock), log };
  const answer = createApp({ ...shared, identify }).callback();
  const server = stack.use(
    await listen({
      ...config.http,
      handler: (request, response) => void answer(request, response),
    }),
  );
  await writeFile(join(dataDir, 'api-socket'), `${server.socket}\n`, { mode: 0o600 });
  // Over the network only tokens count: the file's is for this machine.
  const api = createApp({ ...shared, identify: byToken }).callback();
  const pages = await startPages(config, { operations, api, log });
  if (pages !== undefined) stack.use(pages);
  // Tasks end while callers can still see how, and before the catalog closes.
  stack.defer(() => queue.stop(AbortSignal.timeout(config.shutdownMs)));
  stack.use(startSchedule({ ...orders, clock, ids, jobs: catalog, runs: catalog, log }));
  stack.use(
    startVerificationSchedule({
      clock,
      repositories: catalog,
      jobs: catalog,
      runs: catalog,
      start: (repository, { hours, againAfterDays }) =>
        orderRolling(orders, { repository: repository.id, hours, againAfterDays }),
      log,
    }),
  );
  stack.use(watchStrays({ strays: operations.strays, clock, log }));
  stack.use(
    watchNotices({
      clock,
      ids,
      store: catalog,
      runs: catalog,
      points: catalog,
      jobs: catalog,
      notifications: operations.notifications,
      listRepositories: (signal) => operations.repositories.list(signal),
      log,
    }),
  );
  stack.use(recoverThenRun({ queue, useCases, systemd, log }));
  stack.use(addFirstRepository({ dataDir, repositories: orders.repositories, clock, log }));
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
