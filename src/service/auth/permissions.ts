import type { Role } from '#core/user.ts';

/**
 * Who may do what, at the API and on the pages alike. Looking takes a viewer; what is not
 * named here and changes something takes an administrator, so that a new route is closed
 * until somebody opens it.
 */

export type Door = 'api' | 'page';
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

const needs: Readonly<Record<Door, Readonly<Record<string, Role>>>> = {
  api: {
    'GET /metrics': 'metrics',
    'GET /users': 'administrator',
    'GET /tokens': 'administrator',
    'GET /audit': 'administrator',
    'GET /audit/check': 'administrator',
    'GET /archive-keys': 'administrator',
    'GET /config': 'administrator',
    // The address of a webhook may be a secret.
    'GET /notifications': 'administrator',
    // What is inside guests is for those who may restore it.
    'POST /file-mounts': 'operator',
    'DELETE /file-mounts/:id': 'operator',
    'GET /file-mounts/:id/volumes': 'operator',
    'GET /file-mounts/:id/entries': 'operator',
    'GET /file-mounts/:id/content': 'operator',
    'GET /strays': 'operator',
    'POST /backups': 'operator',
    'POST /restores': 'operator',
    'POST /restore-plans': 'operator',
    'POST /verifications': 'operator',
    'POST /retention-simulations': 'viewer',
    'POST /vm-checks': 'viewer',
    'POST /jobs/:id/runs': 'operator',
    'POST /runs/:id/cancel': 'operator',
    'POST /journal/recover': 'operator',
    'POST /endpoints/:id/test': 'operator',
    'POST /repositories/:id/rebuild': 'operator',
    'PATCH /restore-points/:id': 'operator',
  },
  page: {
    'GET /jobs/new': 'administrator',
    'GET /jobs/:id/edit': 'administrator',
    'GET /settings/users': 'administrator',
    'GET /settings/tokens': 'administrator',
    'GET /settings/audit': 'administrator',
    'GET /settings/notifications': 'administrator',
    'POST /health/strays/look': 'operator',
    'POST /logout': 'viewer',
    'POST /account/password': 'viewer',
    'POST /account/second-factor': 'viewer',
    'POST /account/second-factor/off': 'viewer',
    'POST /vms/back-up': 'operator',
    'POST /jobs/:id/run': 'operator',
    'POST /runs/:id/cancel': 'operator',
    'POST /health/recover': 'operator',
    'POST /settings/endpoints/:id/test': 'operator',
    'POST /repositories/:id/rebuild': 'operator',
    'POST /restore-points/:id/verify': 'operator',
    'POST /restore-points/:id/pin': 'operator',
    'POST /restore-points/:id/unpin': 'operator',
    'POST /restore-points/:id/plan': 'operator',
    'POST /restore-points/:id/restore': 'operator',
  },
};

export function roleNeeded(door: Door, method: Method, route: string): Role {
  return needs[door][`${method} ${route}`] ?? (method === 'GET' ? 'viewer' : 'administrator');
}

/** Looking is not written down, but for what takes data out of a backup. */
export function isWrittenDown(method: Method, route: string): boolean {
  return method !== 'GET' || route === '/file-mounts/:id/content';
}

/** Every "METHOD route" that is named: a test looks whether each still exists. */
export function namedRoutes(door: Door): readonly string[] {
  return Object.keys(needs[door]);
}

/** The route that a path on a page belongs to, as far as it is named here. */
export function pageRouteOf(method: Method, path: string): string {
  const words = path.split('/');
  const found = namedRoutes('page').find((named) => {
    const [itsMethod, route = ''] = named.split(' ');
    const parts = route.split('/');
    return (
      itsMethod === method &&
      parts.length === words.length &&
      parts.every((part, i) => part.startsWith(':') || part === words[i])
    );
  });
  return found?.split(' ')[1] ?? path;
}

/** Posts that overwrite or delete for good: the page asks for the password again. */
const passwordAgain: ReadonlySet<string> = new Set([
  '/restore-points/:id/restore',
  '/restore-points/:id/remove',
  '/repositories/:id/remove',
  '/settings/endpoints/:id/remove',
  '/jobs/:id/delete',
  '/settings/users/:name/remove',
]);

export function asksPasswordAgain(route: string): boolean {
  return passwordAgain.has(route);
}
