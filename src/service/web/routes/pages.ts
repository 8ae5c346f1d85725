import type { Router } from '@koa/router';

import { toErrorRecord } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { isEnded } from '#core/run.ts';

import { findRestorePoint } from '../../operations/restore-points.ts';
import { signedIn, type PageContext, type PageHandler } from '../context.ts';
import { sendLive } from '../live.ts';
import { dashboardFragment, dashboardPage, type DashboardView } from '../pages/dashboard.ts';
import { healthPage } from '../pages/health.ts';
import { repositoriesPage } from '../pages/repositories.ts';
import { restorePointPage, restorePointsPage } from '../pages/restore-points.ts';
import { logFragment, runFragment, runPage, runsPage, type RunView } from '../pages/runs.ts';
import { settingsPage } from '../pages/settings.ts';
import { vmsPage, type VmRow } from '../pages/vms.ts';
import { newestByVm, protectionOf, vmKey, type Protection } from '../protection.ts';
import type { WebServices } from '../services.ts';
import type { SignIns } from '../sign-ins.ts';

const pageSize = 50;
const livePeriodMs = 1000;
const dashboardPeriodMs = 3000;

/** Everything that is only looked at. */
export function pageRoutes(router: Router, services: WebServices, signIns: SignIns): void {
  const get = (path: string, handler: PageHandler): unknown =>
    router.get(path, signedIn(signIns, handler));
  const { clock } = services;

  get('/', async ({ show, signal }) => {
    const view = await dashboard(services, signal);
    show({ title: 'Dashboard', room: '/', live: '/live/dashboard' }, dashboardPage(view));
  });
  get('/live/dashboard', ({ koa, signal }) =>
    sendLive(koa, {
      clock,
      periodMs: dashboardPeriodMs,
      render: async () => [
        { id: 'dashboard', html: dashboardFragment(await dashboard(services, signal)) },
      ],
    }),
  );

  get('/vms', async ({ show, signal, query, signIn }) => {
    const nowMs = clock.now();
    const { rows, failures } = await vmRows(services, signal);
    const search = query('q');
    const words = search.toLowerCase();
    const found = rows.filter(({ vm }) =>
      `${vm.folderPath}/${vm.identity.name}`.toLowerCase().includes(words),
    );
    const repositories = await services.repositories.list(signal);
    show(
      { title: 'VMs', room: '/vms' },
      vmsPage({ rows: found, failures, search, repositories, nowMs, csrf: signIn.csrf }),
    );
  });

  get('/runs', async ({ show, query }) => {
    const after = timeCursor(query('after'));
    const runs = await services.runs.listRuns({ limit: pageSize, ...after });
    const fresh = await Promise.all(runs.map(async (run) => (await services.runView(run.id)).run));
    const last = runs.length === pageSize ? runs.at(-1) : undefined;
    show(
      { title: 'Runs', room: '/runs' },
      runsPage(
        fresh,
        clock.now(),
        last === undefined ? undefined : `${last.createdAtMs}.${last.id}`,
      ),
    );
  });
  get('/runs/:id', async ({ show, params, signIn }) => {
    const view = await runView(services, params['id'] ?? '');
    const live = isEnded(view.run.state) ? {} : { live: `/live/runs/${view.run.id}` };
    show(
      { title: view.run.title, room: '/runs', ...live },
      runPage({ ...view, csrf: signIn.csrf }),
    );
  });
  get('/live/runs/:id', ({ koa, params }) => {
    let ended = false;
    sendLive(koa, {
      clock,
      periodMs: livePeriodMs,
      render: async () => {
        if (ended) return undefined;
        const view = await runView(services, params['id'] ?? '');
        ended = isEnded(view.run.state);
        return [
          { id: 'run', html: runFragment(view) },
          { id: 'log', html: logFragment(view.log) },
        ];
      },
    });
  });

  get('/restore-points', async ({ show, query }) => {
    const points = await services.points.listRestorePoints({
      limit: pageSize,
      ...timeCursor(query('after')),
    });
    const last = points.length === pageSize ? points.at(-1)?.header : undefined;
    show(
      { title: 'Restore points', room: '/restore-points' },
      restorePointsPage(
        points,
        clock.now(),
        last === undefined ? undefined : `${last.createdAtMs}.${last.id}`,
      ),
    );
  });
  get('/restore-points/:id', async ({ show, params, signIn }) => {
    const point = await findRestorePoint(services.points, params['id'] ?? '');
    show(
      { title: point.header.vm.name, room: '/restore-points' },
      restorePointPage({ point, nowMs: clock.now(), csrf: signIn.csrf }),
    );
  });

  get('/repositories', async ({ show, signal, signIn }) =>
    show(
      { title: 'Repositories', room: '/repositories' },
      repositoriesPage(await services.repositories.list(signal), signIn.csrf),
    ),
  );
  get('/health', async ({ show, signIn }) => {
    const [health, open, recent] = await Promise.all([
      services.health(),
      services.journal.open(),
      services.journal.history(20),
    ]);
    show(
      { title: 'Health', room: '/health' },
      healthPage(health, { open, recent }, { nowMs: clock.now(), csrf: signIn.csrf }),
    );
  });
  get('/settings', (context) => showSettings(services, context));
}

export async function showSettings(
  services: WebServices,
  { show, signIn }: PageContext,
  confirm?: Parameters<typeof settingsPage>[0]['confirm'],
): Promise<void> {
  const [endpoints, vddk] = await Promise.all([services.endpoints.list(), services.vddkStatus()]);
  show(
    { title: 'Settings', room: '/settings' },
    settingsPage({
      endpoints,
      vddk,
      csrf: signIn.csrf,
      ...(confirm === undefined ? {} : { confirm }),
    }),
  );
}

async function dashboard(services: WebServices, signal: AbortSignal): Promise<DashboardView> {
  const [health, runs, points, repositories, endpoints, { rows }] = await Promise.all([
    services.health(),
    services.runs.listRuns({ limit: 200 }),
    recentPoints(services),
    services.repositories.list(signal),
    services.endpoints.list(),
    vmRows(services, signal),
  ]);
  const protection: Record<Protection['level'], number> = { protected: 0, late: 0, unprotected: 0 };
  for (const row of rows) if (!row.vm.template) protection[row.protection.level]++;
  const missing = [
    ...(endpoints.length === 0
      ? [{ text: 'Add your vCenter or ESXi host', href: '/settings' }]
      : []),
    ...(repositories.length === 0 ? [{ text: 'Add a repository', href: '/repositories' }] : []),
    ...(endpoints.length > 0 && repositories.length > 0 && points.length === 0
      ? [{ text: 'Make a job: every VM, every night', href: '/jobs/new' }]
      : []),
  ];
  return { protection, health, runs, points, repositories, nowMs: services.clock.now(), missing };
}

const mostPoints = 10_000;

async function recentPoints(services: WebServices): Promise<readonly RestorePoint[]> {
  return services.points.listRestorePoints({ limit: mostPoints });
}

/** Every VM of every endpoint; one that does not answer takes nobody else with it. */
async function vmRows(
  services: WebServices,
  signal: AbortSignal,
): Promise<{
  rows: readonly VmRow[];
  failures: { endpoint: VmRow['endpoint']; message: string }[];
}> {
  const nowMs = services.clock.now();
  const newest = newestByVm(await recentPoints(services));
  const failures: { endpoint: VmRow['endpoint']; message: string }[] = [];
  const lists = await Promise.all(
    (await services.endpoints.list()).map(async (endpoint): Promise<VmRow[]> => {
      try {
        const vms = await services.endpoints.listVms(endpoint.id, signal);
        return vms.map((vm) => ({
          endpoint,
          vm,
          protection: protectionOf(newest.get(vmKey(vm.identity)), nowMs),
        }));
      } catch (error) {
        failures.push({ endpoint, message: toErrorRecord(error).message });
        return [];
      }
    }),
  );
  const rows = lists
    .flat()
    .toSorted((a, b) => a.vm.identity.name.localeCompare(b.vm.identity.name));
  return { rows, failures };
}

async function runView(services: WebServices, id: string): Promise<RunView> {
  const view = await services.runView(id);
  return { ...view, log: await services.runLogs.lines(id), nowMs: services.clock.now() };
}

/** "<epoch ms>.<id>" of the last row of the page before. */
function timeCursor(text: string): { after?: { createdAtMs: number; id: string } } {
  const match = /^(\d+)\.([\w-]+)$/.exec(text);
  return match === null ? {} : { after: { createdAtMs: Number(match[1]), id: match[2]! } };
}
