import { defaultNfsVersion, nfsVersions } from '#core/nfs.ts';

import { nfsShareOf } from '../../operations/nfs-share.ts';
import { repositoriesPage } from '../pages/repositories.ts';
import { spaceOf } from '../space.ts';
import { paceSample } from './dashboard.ts';
import type { Room } from './room.ts';

export function repositoryRoutes(room: Room): void {
  const { services, slow } = room;
  room.get('/repositories', async ({ show, signIn }) => {
    const [repositories, recent] = await Promise.all([
      slow.repositories(),
      services.points.listRestorePoints({ limit: paceSample }),
    ]);
    show(
      { title: 'Repositories', room: '/repositories' },
      repositoriesPage(spaceOf(repositories, recent, services.clock.now()), signIn.csrf),
    );
  });
  room.post('/repositories', async ({ form, signal, goTo }) => {
    const name = form.required('name', 'The name');
    const place = form.required('root', 'The folder or export');
    const version = nfsVersions.find((each) => each === form.text('version'));
    await services.repositories.add(
      place.startsWith('/')
        ? { name, root: place }
        : { name, nfs: nfsShareOf(place, version ?? defaultNfsVersion) },
      signal,
    );
    slow.forget();
    goTo('/repositories');
  });
  room.post('/repositories/:id/rebuild', async ({ params, signal, goTo }) => {
    await services.repositories.rebuild(params['id'] ?? '', {}, signal);
    slow.forget();
    goTo('/repositories');
  });
  room.post('/repositories/:id/remove', async ({ params, goTo }) => {
    await services.repositories.remove(params['id'] ?? '');
    slow.forget();
    goTo('/repositories');
  });
}
