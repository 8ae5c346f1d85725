import { auditPage } from '../pages/audit.ts';
import type { Room } from './room.ts';

const pageSize = 100;

export function auditRoutes(room: Room): void {
  const { services } = room;
  const { audit } = services.auth;
  room.get('/settings/audit', async ({ query, show }) => {
    const before = Math.trunc(Number(query('before')));
    const entries = await audit.listAudit({
      limit: pageSize,
      ...(before > 0 ? { before } : {}),
    });
    const last = entries.at(-1)?.seq ?? 1;
    show(
      { title: 'Audit log', room: '/settings' },
      auditPage({
        entries,
        nowMs: services.clock.now(),
        ...(query('check') === 'yes' ? { check: await audit.checkAudit() } : {}),
        ...(last > 1 ? { older: `/settings/audit?before=${last}` } : {}),
      }),
    );
  });
}
