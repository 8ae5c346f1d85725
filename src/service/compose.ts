import { openCatalog } from '#catalog/open-catalog.ts';
import type { Clock, IdSource } from '#core/clock.ts';

import type { ServiceConfig } from './config.ts';
import { createHealth } from './health.ts';
import { createApp } from './http/app.ts';
import { listen } from './http/listen.ts';
import { healthRoutes } from './http/routes/health.ts';
import { makeToken } from './http/token.ts';
import { createServiceLog, type ServiceLog } from './log/logger.ts';
import { SecretMask } from './log/secret-mask.ts';
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
}

/** The composition root: every adapter is made here and given to those who need it. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { config, clock, ids, stream } = options;
  await using stack = new AsyncDisposableStack();
  const mask = new SecretMask();
  const { logLevel: level, journald, credentialsDirectory } = config;
  const log = createServiceLog({ level, journald, mask, stream });

  const catalog = stack.use(
    await openCatalog({
      dataDir: config.dataDir,
      clock,
      ids,
      ...(credentialsDirectory === undefined ? {} : { credentialsDirectory }),
    }),
  );
  const health = createHealth({
    catalog,
    startedAtMs: clock.now(),
    load: () => ({ running: 0, queued: 0 }),
    checkRepository: async () => {},
  });
  const systemd = stack.use(
    config.systemd === undefined
      ? noSystemd
      : connectSystemd({ ...config.systemd, healthy: () => health.alive(), log }),
  );
  const token = await makeToken(config.dataDir);
  mask.add(token);
  const answer = createApp({ routes: healthRoutes(health), token, log }).callback();
  const server = stack.use(
    await listen({
      ...config.http,
      handler: (request, response) => void answer(request, response),
    }),
  );
  await systemd.ready('Ready.');
  log.log('info', 'The service is ready.', {
    details: { socket: server.socket, url: server.url, dataDir: config.dataDir },
  });
  stack.defer(() => systemd.stopping());
  const kept = stack.move();
  return {
    log,
    socket: server.socket,
    url: server.url,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
