import { recentDays } from '../day-grid.ts';
import { sendLive } from '../live.ts';
import { dashboardFragment, dashboardPage, type DashboardView } from '../pages/dashboard.ts';
import { spaceOf } from '../space.ts';
import { allVmRows, type Room } from './room.ts';

const periodMs = 3000;
/** Enough for a week's pace on a small site and for a day's on a large one. */
export const paceSample = 500;

export function dashboardRoutes(room: Room): void {
  const { clock } = room.services;
  room.get('/', async ({ show }) =>
    show(
      { title: 'Dashboard', room: '/', live: '/live/dashboard' },
      dashboardPage(await dashboard(room)),
    ),
  );
  room.get('/live/dashboard', ({ koa, signIn, stillSignedIn }) =>
    sendLive(koa, {
      clock,
      role: signIn.role,
      periodMs,
      render: async () =>
        stillSignedIn()
          ? [{ id: 'dashboard', html: dashboardFragment(await dashboard(room)) }]
          : undefined,
    }),
  );
}

async function dashboard(room: Room): Promise<DashboardView> {
  const { services, slow } = room;
  const nowMs = services.clock.now();
  const [health, runs, recent, repositories, endpoints, jobs, inventory, rows, unfinished] =
    await Promise.all([
      slow.health(),
      services.runs.listRuns({ limit: 200 }),
      services.points.listRestorePoints({ limit: paceSample }),
      slow.repositories(),
      services.endpoints.list(),
      services.jobs.listJobs(),
      slow.inventory(),
      allVmRows(room),
      services.runs.unfinishedRuns(),
    ]);
  const views = await Promise.all(unfinished.map(({ id }) => services.runView(id)));
  const work = views.flatMap(({ tasks }) => tasks).filter(({ state }) => state === 'running');
  const missing = [
    ...(endpoints.length === 0
      ? [{ text: 'Add your vCenter or ESXi host', href: '/settings' }]
      : []),
    ...(repositories.length === 0 ? [{ text: 'Add a repository', href: '/repositories' }] : []),
    ...(endpoints.length > 0 && repositories.length > 0 && jobs.length === 0
      ? [{ text: 'Make a job: every VM, every night', href: '/jobs/new' }]
      : []),
  ];
  return {
    rows,
    failures: inventory.failures,
    health,
    runs,
    work,
    days: await recentDays(rows, services.points, nowMs),
    space: spaceOf(repositories, recent, nowMs),
    nowMs,
    missing,
  };
}
