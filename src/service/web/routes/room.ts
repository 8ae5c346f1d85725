import type { Router } from '@koa/router';

import { signedIn } from '../context.ts';
import type { PageContext, PageHandler } from '../page-context.ts';
import type { Form } from '../form-body.ts';
import type { Slow } from '../inventory.ts';
import type { WebServices } from '../services.ts';
import { vmRows, type VmRow } from '../vm-rows.ts';

export type PostHandler = (context: PageContext & { readonly form: Form }) => Promise<void>;

/** What every group of pages is built with. All of them are for people who have signed in. */
export interface Room {
  readonly services: WebServices;
  readonly slow: Slow;
  get(path: string, handler: PageHandler): void;
  /** Something changes. It ends on a page that can be reloaded. */
  post(path: string, handler: PostHandler): void;
}

export function openRoom(router: Router, parts: Pick<Room, 'services' | 'slow'>): Room {
  const { auth } = parts.services;
  return {
    ...parts,
    get: (path, handler) => void router.get(path, signedIn(auth, { method: 'GET', path }, handler)),
    post: (path, handler) =>
      void router.post(
        path,
        signedIn(auth, { method: 'POST', path }, (context) =>
          handler({ ...context, form: context.form! }),
        ),
      ),
  };
}

export async function allVmRows({ services, slow }: Room): Promise<readonly VmRow[]> {
  const [inventory, times, jobs] = await Promise.all([
    slow.inventory(),
    services.points.restorePointTimes(),
    services.jobs.listJobs(),
  ]);
  return vmRows({ inventory, times, jobs, nowMs: services.clock.now() });
}

/** "<epoch ms>.<id>" of the last row of the page before. */
export function timeCursor(text: string): { after?: { createdAtMs: number; id: string } } {
  const match = /^(\d{1,13})\.([\w-]+)$/.exec(text);
  return match === null ? {} : { after: { createdAtMs: Number(match[1]), id: match[2]! } };
}

export function cursorOf(last: { readonly createdAtMs: number; readonly id: string }): string {
  return `${last.createdAtMs}.${last.id}`;
}
