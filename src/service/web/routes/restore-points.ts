import { ColdframeError } from '#core/error.ts';
import { vmKey } from '#core/vm.ts';

import { withMarks } from '../../operations/restore-point-care.ts';
import { findRestorePoint } from '../../operations/restore-points.ts';
import { restorePlanPage } from '../pages/restore-plan.ts';
import { restorePointPage } from '../pages/restore-point.ts';
import { restorePointsPage } from '../pages/restore-points.ts';
import type { PageContext } from '../page-context.ts';
import { restoreOrderOf } from '../restore-order.ts';
import { cursorOf, timeCursor, type Room } from './room.ts';

const pageSize = 50;

export function restorePointRoutes(room: Room): void {
  const { services } = room;
  room.get('/restore-points', (context) =>
    context.query('vm') === '' ? showAll(room, context) : showOfVm(room, context),
  );
  room.get('/restore-points/:id', async ({ show, params, signIn }) => {
    const point = await findRestorePoint(services.points, params['id'] ?? '');
    const [endpoints, repositories, [marked]] = await Promise.all([
      services.endpoints.list(),
      room.slow.repositories(),
      withMarks(services.points, [point]),
    ]);
    const { pin, damage, provenAtMs } = marked!;
    show(
      { title: point.header.vm.name, room: '/restore-points' },
      restorePointPage({
        point,
        ...(pin === undefined ? {} : { pin }),
        ...(damage === undefined ? {} : { damage }),
        ...(provenAtMs === undefined ? {} : { provenAtMs }),
        endpoints,
        repositoryName: repositories.find(({ id }) => id === point.repositoryId)?.name ?? 'removed',
        nowMs: services.clock.now(),
        csrf: signIn.csrf,
      }),
    );
  });
  room.post('/restore-points/:id/verify', async ({ params, goTo }) => {
    goTo(`/runs/${(await services.verify(params['id'] ?? '')).id}`);
  });
  room.post('/restore-points/:id/pin', async ({ params, form, goTo }) => {
    const { header } = await findRestorePoint(services.points, params['id'] ?? '');
    await services.pin(header.id, form.text('note').slice(0, 500));
    goTo(`/restore-points/${header.id}`);
  });
  room.post('/restore-points/:id/unpin', async ({ params, goTo }) => {
    const { header } = await findRestorePoint(services.points, params['id'] ?? '');
    await services.pin(header.id, undefined);
    goTo(`/restore-points/${header.id}`);
  });
  room.post('/restore-points/:id/remove', async ({ params, form, signal, goTo }) => {
    const { header } = await findRestorePoint(services.points, params['id'] ?? '');
    if (form.text('confirm') !== header.vm.name.trim())
      throw new ColdframeError(
        'invalid-input',
        `Nothing was done. To delete this restore point of ${header.vm.name}, type the VM's name into the field.`,
      );
    await services.removePoint(header.id, signal);
    goTo('/restore-points');
  });
  room.post('/restore-points/:id/plan', async ({ params, form, signal, signIn, show }) => {
    const order = restoreOrderOf(params['id'] ?? '', form);
    const plan = await services.planRestore(order, signal);
    const fields = form.entries().filter(([name]) => name !== 'csrf');
    show(
      { title: `Restore ${plan.restorePoint.header.vm.name}`, room: '/restore-points' },
      restorePlanPage({ plan, order, fields, csrf: signIn.csrf }),
    );
  });
  room.post('/restore-points/:id/restore', async ({ params, form, signal, goTo }) => {
    const order = restoreOrderOf(params['id'] ?? '', form);
    if (order.target.kind === 'in-place') {
      // The name that the VM has now: that is what is overwritten.
      const { vmName } = await services.planRestore(order, signal);
      if (form.text('confirm') !== vmName.trim())
        throw new ColdframeError(
          'invalid-input',
          `Nothing was done. To overwrite the disks of ${vmName}, type its name into the field.`,
        );
    }
    goTo(`/runs/${(await services.restore(order, signal)).id}`);
  });
}

async function showAll({ services }: Room, { show, query }: PageContext): Promise<void> {
  const points = await services.points.listRestorePoints({
    limit: pageSize,
    ...timeCursor(query('after')),
  });
  const last = points.length === pageSize ? points.at(-1)?.header : undefined;
  show(
    { title: 'Restore points', room: '/restore-points' },
    restorePointsPage({
      points,
      nowMs: services.clock.now(),
      ...(last === undefined ? {} : { older: `/restore-points?after=${cursorOf(last)}` }),
    }),
  );
}

/** `vm` and `endpoint` are the uuids in a restore point's header. */
async function showOfVm({ services }: Room, { show, query }: PageContext): Promise<void> {
  const [instanceUuid, endpointUuid] = [query('vm'), query('endpoint')];
  const times = await services.points.restorePointTimes();
  const all = times.get(vmKey({ endpointUuid, instanceUuid })) ?? [];
  const from = Math.max(0, Math.trunc(Number(query('from')) || 0));
  const points = await Promise.all(
    all.slice(from, from + pageSize).map(({ id }) => services.points.getRestorePoint(id)),
  );
  const shown = points.filter((point) => point !== undefined);
  const next = new URLSearchParams({
    vm: instanceUuid,
    endpoint: endpointUuid,
    from: String(from + pageSize),
  });
  show(
    { title: 'Restore points', room: '/restore-points' },
    restorePointsPage({
      points: shown,
      nowMs: services.clock.now(),
      ...(shown[0] === undefined ? {} : { vmName: shown[0].header.vm.name }),
      ...(all.length > from + pageSize ? { older: `/restore-points?${next.toString()}` } : {}),
    }),
  );
}
