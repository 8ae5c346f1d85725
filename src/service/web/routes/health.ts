import { healthPage } from '../pages/health.ts';
import type { Room } from './room.ts';

const shownEntries = 20;

export function healthRoutes(room: Room): void {
  const { services, slow } = room;
  room.get('/health', async ({ show, signIn }) => {
    const [health, open, recent] = await Promise.all([
      services.health(),
      services.journal.open(),
      services.journal.history(shownEntries),
    ]);
    show(
      { title: 'Health', room: '/health' },
      healthPage(
        health,
        { open, recent },
        { nowMs: services.clock.now(), csrf: signIn.csrf, strays: services.strays.last() },
      ),
    );
  });
  room.post('/health/strays/look', async ({ signal, goTo }) => {
    await services.strays.look({}, signal);
    goTo('/health');
  });
  room.post('/health/strays/release', async ({ signal, goTo }) => {
    await services.strays.release({}, signal);
    await services.strays.look({}, signal);
    goTo('/health');
  });
  room.post('/health/recover', async ({ signal, goTo }) => {
    await services.recover(signal);
    slow.forget();
    goTo('/health');
  });
}
