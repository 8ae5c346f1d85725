import { Readable } from 'node:stream';

import { Router } from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';

import { ColdframeError } from '#core/error.ts';
import type { Caller } from '#core/user.ts';

import type { RecordAudit } from '../auth/user-store.ts';
import { authorised } from './authorise.ts';
import { readJsonBody } from './json-body.ts';
import { EventStream, serverSentEvents } from './server-sent-events.ts';

export const apiPrefix = '/api/v1';

/** One operation of the API: its schemas check what comes in, and describe it. */
export interface Route<P, Q, B> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below /api/v1. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  /** 200 unless told; 204 for undefined. */
  readonly status?: number;
  /** `signal` aborts when the caller goes away. */
  readonly handle: (input: RouteInput<P, Q, B>) => Promise<unknown>;
}

export interface RouteInput<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly signal: AbortSignal;
  readonly lastEventId: string | undefined;
  readonly caller: Caller;
}

/** A route whose types have served their purpose. */
export interface BoundRoute {
  readonly method: Route<unknown, unknown, unknown>['method'];
  readonly path: string;
  readonly summary: string;
  readonly answer: (context: Context, record: RecordAudit) => Promise<void>;
}

/** Where a route asks for nothing, nothing may come; its handler does not look at the value. */
function none<T>(): z.ZodType<T> {
  return z.strictObject({}) as z.ZodType as z.ZodType<T>;
}

function noBody<T>(): z.ZodType<T> {
  return z.undefined() as z.ZodType as z.ZodType<T>;
}

export function route<P = unknown, Q = unknown, B = unknown>(
  definition: Route<P, Q, B>,
): BoundRoute {
  const { method, path, summary, status, handle } = definition;
  return {
    method,
    path,
    summary,
    answer: async (context, record) => {
      const gone = new AbortController();
      context.res.once('close', () =>
        gone.abort(new ColdframeError('cancelled', 'The caller left.')),
      );
      const caller = context.state['caller'] as Caller;
      const act = { caller, method, route: path, path: context.path.slice(apiPrefix.length) };
      const result = await authorised(act, record, async (asked) => {
        const body = check(definition.body ?? noBody<B>(), await readJsonBody(context.req), 'body');
        asked(body);
        return handle({
          params: check(definition.params ?? none<P>(), context['params'], 'path'),
          query: check(definition.query ?? none<Q>(), { ...context.query }, 'query'),
          body,
          signal: gone.signal,
          lastEventId: context.get('last-event-id') || undefined,
          caller,
        });
      });
      send(context, result, status);
    },
  };
}

function send(context: Context, result: unknown, status: number | undefined): void {
  if (result instanceof EventStream) {
    context.status = 200;
    context.type = 'text/event-stream';
    context.set('Cache-Control', 'no-store');
    context.set('X-Accel-Buffering', 'no');
    context.body = Readable.from(serverSentEvents(result), { objectMode: false });
    return;
  }
  context.set('Cache-Control', 'no-store');
  context.status = status ?? (result === undefined ? 204 : 200);
  if (result === undefined) return;
  context.type = 'application/json';
  context.body = JSON.stringify(result);
}

function check<T>(schema: z.ZodType<T>, value: unknown, part: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = issue.path.length === 0 ? `the ${part}` : `"${issue.path.join('.')}"`;
  throw new ColdframeError('invalid-input', `${field} of the request is wrong: ${issue.message}.`, {
    details: {
      issues: result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    },
  });
}

export function mount(routes: readonly BoundRoute[], record: RecordAudit): Router {
  const router = new Router({ prefix: apiPrefix });
  for (const { method, path, answer } of routes)
    router.register(path, [method], (context) => answer(context, record));
  return router;
}
