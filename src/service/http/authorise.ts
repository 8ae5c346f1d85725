import { ColdframeError, toErrorRecord } from '#core/error.ts';
import { reaches, type Caller } from '#core/user.ts';

import { isWrittenDown, roleNeeded, type Method } from '../auth/permissions.ts';
import type { RecordAudit } from '../auth/user-store.ts';
import { httpStatus } from './problem.ts';

export interface Act {
  readonly caller: Caller;
  readonly method: Method;
  /** As registered: "/jobs/:id". */
  readonly route: string;
  /** As called. */
  readonly path: string;
}

const longestDetail = 2000;

/**
 * Runs `work` if the caller may, and writes down who did what; of looking only what was
 * refused, or took data out of a backup.
 * `work` gets a function that says what was asked: checked values, in which secrets show as such.
 */
export async function authorised<T>(
  act: Act,
  record: RecordAudit,
  work: (asked: (body: unknown) => void) => Promise<T>,
): Promise<T> {
  const { caller, method, route, path } = act;
  let detail: string | undefined;
  const asked = (body: unknown): void => {
    if (body !== undefined) detail = JSON.stringify(body).slice(0, longestDetail);
  };
  const tell = async (outcome: 'done' | 'refused' | 'failed'): Promise<void> => {
    await record({
      who: caller.name,
      via: caller.via,
      action: `${method} ${route}`,
      target: path,
      outcome,
      ...(detail === undefined ? {} : { detail }),
    });
  };
  const needed = roleNeeded('api', method, route);
  if (!reaches(caller.role, needed)) {
    await tell('refused');
    throw new ColdframeError(
      'no-permission',
      `${caller.name} is ${article(caller.role)}; this takes ${article(needed)}.`,
    );
  }
  let result: T;
  try {
    result = await work(asked);
  } catch (error) {
    if (isWrittenDown(method, route))
      await tell(httpStatus(toErrorRecord(error).code) < 500 ? 'refused' : 'failed');
    throw error;
  }
  if (isWrittenDown(method, route)) await tell('done');
  return result;
}

function article(role: string): string {
  return `${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role}`;
}
