import type { RequestListener } from 'node:http';

import type { Operations } from './compose-operations.ts';
import type { ServiceConfig } from './config.ts';
import { apiPrefix } from './http/route.ts';
import type { ServiceLog } from './log/logger.ts';
import { orderBackup } from './operations/backups.ts';
import { checkVm } from './operations/check-vm.ts';
import { pinRestorePoint, removeByHand } from './operations/restore-point-care.ts';
import { orderRestore, planRestore } from './operations/restores.ts';
import { findRun } from './operations/runs.ts';
import { orderVerification } from './operations/verifications.ts';
import { createWebApp } from './web/app.ts';
import { serverCertificate } from './web/certificate.ts';
import { listenForPages, type PageServer } from './web/listen.ts';
import type { WebServices } from './web/services.ts';

export interface PagesOptions {
  readonly operations: Operations;
  /** Answers what begins with the API's prefix. */
  readonly api: (...call: Parameters<RequestListener>) => Promise<void>;
  readonly log: ServiceLog;
}

/** The admin page, and the API beside it; undefined where the configuration has none. */
export async function startPages(
  config: Pick<ServiceConfig, 'dataDir' | 'page'>,
  { operations, api, log }: PagesOptions,
): Promise<PageServer | undefined> {
  if (config.page === undefined) return undefined;
  const certificate = await serverCertificate(config.dataDir);
  const pages = createWebApp({
    services: pageServices(operations),
    onFault: (error) => log.log('error', 'A page failed.', { error }),
  }).callback();
  const server = await listenForPages({
    ...config.page,
    certificate,
    handler: (request, response) => {
      const answer = request.url?.startsWith(`${apiPrefix}/`) === true ? api : pages;
      void answer(request, response);
    },
  });
  log.log('info', 'The admin page is up.', {
    details: { url: server.url, fingerprint: certificate.fingerprint },
  });
  return server;
}

function pageServices(operations: Operations): WebServices {
  const { clock, ids, catalog, adapters, endpoints, repositories, vddk, queue, logs } = operations;
  const { health, orders, care, jobDefinitions, useCases, serviceLog } = operations;
  const { journal } = catalog;
  return {
    clock,
    ids,
    endpoints,
    repositories,
    runs: catalog,
    points: catalog,
    journal,
    jobs: catalog,
    runLogs: logs,
    auth: operations.auth,
    notifications: operations.notifications,
    notices: catalog,
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
    ownVm: orders.ownVm,
    strays: operations.strays,
    checkVm: ({ endpoint, moref }, signal) => checkVm(orders, { endpoint, vm: { moref } }, signal),
    planRestore: (order, signal) => planRestore(orders, order, { signal, log: serviceLog }),
    restore: (order, signal) => orderRestore(orders, order, { signal, log: serviceLog }),
    verify: (restorePoint) => orderVerification(orders, { restorePoint }),
    runJob: (job, signal) => jobDefinitions.run(job.id, signal),
    pin: (id, note) => pinRestorePoint(care, id, note),
    removePoint: (id, signal) => removeByHand(care, { id, evenLast: false }, signal),
    cancel: (runId) => queue.cancel(runId),
    runView: (runId) => findRun({ store: catalog, queue }, runId),
  };
}
