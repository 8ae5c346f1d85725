import { Readable } from 'node:stream';

import { Router } from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';

import { ColdframeError } from '#core/error.ts';
import type { Caller } from '#core/user.ts';

import type { RecordAudit } from '../auth/user-store.ts';
import { authorised } from './authorise.ts';
import { ByteStream } from './byte-stream.ts';
import type { IdempotencyKeys } from './idempotency.ts';
import { readJsonBody } from './json-body.ts';
import { EventStream, serverSentEvents } from './server-sent-events.ts';
import { TextAnswer } from './text-answer.ts';

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
  /** What comes back, for the API's description; absent where that is not pinned down. */
  readonly answers?: z.ZodType;
  /** Answers with events until it ends. */
  readonly streams?: boolean;
  /** Answers with text of this type. */
  readonly text?: string;
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

/** What outlives a request. */
export interface Keeping {
  readonly record: RecordAudit;
  readonly keys: IdempotencyKeys;
}

/** What the API's description says of a route. */
export interface RouteShape {
  readonly method: Route<unknown, unknown, unknown>['method'];
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodType | undefined;
  readonly query?: z.ZodType | undefined;
  readonly body?: z.ZodType | undefined;
  readonly status?: number | undefined;
  readonly answers?: z.ZodType | undefined;
  readonly streams?: boolean | undefined;
  readonly text?: string | undefined;
}

/** A route whose types have served their purpose. */
export interface BoundRoute extends RouteShape {
  readonly answer: (context: Context, keeping: Keeping) => Promise<void>;
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
  const { handle, ...shape } = definition;
  const { method, path, status } = shape;
  return {
    ...shape,
    answer: async (context, { record, keys }) => {
      const gone = new AbortController();
      context.res.once('close', () =>
        gone.abort(new ColdframeError('cancelled', 'The caller left.')),
      );
      const caller = context.state['caller'] as Caller;
      const act = { caller, method, route: path, path: context.path.slice(apiPrefix.length) };
      const result = await authorised(act, record, async (asked) => {
        const body = check(definition.body ?? noBody<B>(), await readJsonBody(context.req), 'body');
        asked(body);
        const params = check(definition.params ?? none<P>(), context['params'], 'path');
        const query = check(definition.query ?? none<Q>(), { ...context.query }, 'query');
        const lastEventId = context.get('last-event-id') || undefined;
        const work = (): Promise<unknown> =>
          handle({ params, query, body, signal: gone.signal, lastEventId, caller });
        const key = method === 'POST' ? context.get('idempotency-key') : '';
        if (key === '') return work();
        return keys.once({ caller: caller.name, route: act.path, key }, body, work);
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
  if (result instanceof ByteStream) {
    context.status = 200;
    context.type = result.contentType;
    context.set('Cache-Control', 'no-store');
    if (result.bytes !== undefined) context.length = result.bytes;
    context.body = result.stream;
    return;
  }
  context.set('Cache-Control', 'no-store');
  context.status = status ?? (result === undefined ? 204 : 200);
  if (result === undefined) return;
  if (result instanceof TextAnswer) {
    context.set('Content-Type', result.type);
    context.body = result.text;
    return;
  }
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

export function mount(routes: readonly BoundRoute[], keeping: Keeping): Router {
  const router = new Router({ prefix: apiPrefix });
  for (const { method, path, answer } of routes)
    router.register(path, [method], (context) => answer(context, keeping));
  return router;
}
