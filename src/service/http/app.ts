import Koa from 'koa';

import { ColdframeError, toErrorRecord } from '#core/error.ts';

import type { ServiceLog } from '../log/logger.ts';
import { authenticate, type Identify } from './authenticate.ts';
import { problemOf } from './problem.ts';
import { mount, type BoundRoute, type Keeping } from './route.ts';

export interface AppOptions extends Keeping {
  readonly routes: readonly BoundRoute[];
  readonly identify: Identify;
  readonly log: ServiceLog;
}

/** The HTTP face: who calls, which operation, and every failure as problem+json. */
export function createApp(options: AppOptions): Koa {
  const { routes, identify, log } = options;
  const app = new Koa();
  const router = mount(routes, options);
  // A closed tab or a Ctrl-C during an event stream is no error of ours.
  app.on('error', (error: unknown) => {
    if (!isGoneCaller(error)) log.log('error', 'An answer could not be sent.', { error });
  });
  app.use(async (context, next) => {
    try {
      await next();
      if (context.status === 404 && context.body === undefined)
        throw new ColdframeError('not-found', `The API has no ${context.method} ${context.path}.`);
    } catch (error) {
      const problem = problemOf(toErrorRecord(error));
      if (problem.status >= 500)
        log.log('error', `${context.method} ${context.path} failed.`, { error });
      context.status = problem.status;
      context.type = 'application/problem+json';
      context.body = JSON.stringify(problem);
    }
  });
  app.use(authenticate(identify));
  app.use(router.routes());
  return app;
}

function isGoneCaller(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String(error.code));
}
