import { ColdframeError, toErrorRecord } from '#core/error.ts';

import { backupOrderSchema } from '../../operations/backups.ts';
import type { PageContext } from '../page-context.ts';
import { fromForm } from '../form-body.ts';
import { transportsOf } from '../form-parts.ts';
import { vmFilters, vmsPage, type VmFilter } from '../pages/vms.ts';
import { vmPage } from '../pages/vm.ts';
import type { VmRow } from '../vm-rows.ts';
import { allVmRows, type Room } from './room.ts';

const pageSize = 100;
const pointsShown = 20;

export function vmRoutes(room: Room): void {
  const { services } = room;
  room.get('/vms', (context) => showVms(room, context));
  room.get('/vms/:endpoint/:moref', (context) => showVm(room, context));
  room.post('/vms/back-up', async ({ form, signal, goTo }) => {
    const order = fromForm(backupOrderSchema, {
      endpoint: form.required('endpoint', 'The endpoint'),
      repository: form.required('repository', 'The repository'),
      vms: [{ moref: form.required('vm', 'The VM') }],
      options: {
        forceFull: form.ticked('forceFull'),
        quiesce: form.text('quiesce') || 'preferred',
        transports: transportsOf(form),
      },
    });
    goTo(`/runs/${(await services.backUp(order, signal)).id}`);
  });
}

async function showVms(room: Room, { show, query, signIn }: PageContext): Promise<void> {
  const { services, slow } = room;
  const [rows, inventory, repositories] = await Promise.all([
    allVmRows(room),
    slow.inventory(),
    slow.repositories(),
  ]);
  const search = query('q');
  const filter = vmFilters.find((name) => name === query('show')) ?? 'all';
  const found = rows.filter((row) => fits(row, search.toLowerCase(), filter));
  const from = Math.max(0, Math.trunc(Number(query('from')) || 0));
  const [first] = repositories;
  const more = new URLSearchParams({ q: search, show: filter, from: String(from + pageSize) });
  show(
    { title: 'VMs', room: '/vms' },
    vmsPage({
      rows: found.slice(from, from + pageSize),
      found: found.length,
      search,
      show: filter,
      failures: inventory.failures,
      readAtMs: inventory.readAtMs,
      nowMs: services.clock.now(),
      csrf: signIn.csrf,
      ...(found.length > from + pageSize ? { next: `/vms?${more.toString()}` } : {}),
      ...(first === undefined ? {} : { repositoryId: first.id }),
    }),
  );
}

function fits({ vm, expected, protection }: VmRow, words: string, filter: VmFilter): boolean {
  if (filter !== 'all' && (!expected || protection.level !== filter)) return false;
  return `${vm.folderPath}/${vm.identity.name}`.toLowerCase().includes(words);
}

async function showVm(room: Room, context: PageContext): Promise<void> {
  const { services, slow } = room;
  const { show, params, signal, signIn } = context;
  const rows = await allVmRows(room);
  const row = rows.find(
    ({ endpoint, vm }) =>
      endpoint.id === params['endpoint'] && vm.identity.moref === params['moref'],
  );
  if (row === undefined)
    throw new ColdframeError(
      'not-found',
      'The endpoint shows no such VM. It may have been deleted or moved; its restore points are still there.',
    );
  const { identity } = row.vm;
  const [points, repositories, look] = await Promise.all([
    Promise.all(
      row.points.slice(0, pointsShown).map(({ id }) => services.points.getRestorePoint(id)),
    ),
    slow.repositories(),
    services
      .checkVm({ endpoint: row.endpoint.id, moref: identity.moref }, signal)
      .then((check) => ({ check }))
      .catch((error: unknown) => ({ problem: toErrorRecord(error).message })),
  ]);
  show(
    { title: identity.name, room: '/vms' },
    vmPage({
      row,
      ...look,
      points: points.filter((point) => point !== undefined),
      repositories,
      nowMs: services.clock.now(),
      csrf: signIn.csrf,
    }),
  );
}
