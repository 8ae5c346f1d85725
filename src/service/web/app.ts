import { Router } from '@koa/router';
import Koa from 'koa';

import { failuresAsPages } from './context.ts';
import { sameOrigin, securityHeaders } from './guard.ts';
import { rememberSlow } from './inventory.ts';
import { accountRoutes } from './routes/account.ts';
import { auditRoutes } from './routes/audit.ts';
import { dashboardRoutes } from './routes/dashboard.ts';
import { doorRoutes } from './routes/door.ts';
import { healthRoutes } from './routes/health.ts';
import { jobFormRoutes } from './routes/job-forms.ts';
import { jobRoutes } from './routes/jobs.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { repositoryRoutes } from './routes/repositories.ts';
import { restorePointRoutes } from './routes/restore-points.ts';
import { openRoom } from './routes/room.ts';
import { runRoutes } from './routes/runs.ts';
import { settingsRoutes } from './routes/settings.ts';
import { userRoutes } from './routes/users.ts';
import { vmRoutes } from './routes/vms.ts';
import type { WebServices } from './services.ts';
import { staticFiles } from './static-files.ts';

export interface WebAppOptions {
  readonly services: WebServices;
  /** Hears of faults of ours; what a reader did wrong is on the page only. */
  readonly onFault: (error: unknown) => void;
}

/** The admin page. Everything works without JavaScript; live.js only keeps pages fresh. */
export function createWebApp({ services, onFault }: WebAppOptions): Koa {
  const { signIns } = services.auth;
  const router = new Router();
  doorRoutes(router, services.auth);
  const slow = rememberSlow(services);
  slow.warm();
  const room = openRoom(router, { services, slow });
  const groups = [
    dashboardRoutes,
    vmRoutes,
    jobFormRoutes,
    jobRoutes,
    runRoutes,
    restorePointRoutes,
    repositoryRoutes,
    healthRoutes,
    settingsRoutes,
    accountRoutes,
    userRoutes,
    auditRoutes,
    notificationRoutes,
  ];
  for (const addRoutes of groups) addRoutes(room);
  const app = new Koa();
  // Koa reports every reader who closes a live page.
  app.on('error', (error: NodeJS.ErrnoException) => {
    if (!['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(error.code ?? ''))
      onFault(error);
  });
  app.use(securityHeaders);
  app.use(failuresAsPages(signIns, onFault));
  app.use(sameOrigin);
  app.use(staticFiles());
  app.use(router.routes());
  return app;
}
