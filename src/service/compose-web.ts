import type { ServiceConfig } from './config.ts';
import type { ServiceLog } from './log/logger.ts';
import { createWebApp } from './web/app.ts';
import { serverCertificate } from './web/certificate.ts';
import { listenForPages, type PageServer } from './web/listen.ts';
import type { WebServices } from './web/services.ts';

/** The admin page; undefined where the configuration has none. */
export async function startPages(
  config: Pick<ServiceConfig, 'dataDir' | 'page'>,
  services: WebServices,
  log: ServiceLog,
): Promise<PageServer | undefined> {
  if (config.page === undefined) return undefined;
  const certificate = await serverCertificate(config.dataDir);
  const answer = createWebApp({
    services,
    onFault: (error) => log.log('error', 'A page failed.', { error }),
  }).callback();
  const server = await listenForPages({
    ...config.page,
    certificate,
    handler: (request, response) => void answer(request, response),
  });
  log.log('info', 'The admin page is up.', {
    details: { url: server.url, fingerprint: certificate.fingerprint },
  });
  return server;
}
