import { Readable } from 'node:stream';

import type { Context } from 'koa';

import type { Clock } from '#core/clock.ts';
import type { UserRole } from '#core/user.ts';

import type { Html } from './html.ts';
import { onlyPermitted } from './permitted.ts';

export interface LivePart {
  /** Id of the element that the fragment replaces. */
  readonly id: string;
  /** Undefined takes the element away. */
  readonly html: Html | undefined;
}

export interface LiveOptions {
  readonly clock: Clock;
  readonly periodMs: number;
  /** Of the reader, who sees no form that he may not post. */
  readonly role: UserRole;
  /** Undefined ends the stream: nothing will change any more. */
  readonly render: () => Promise<readonly LivePart[] | undefined>;
  /** A sentence for screen readers, sent when it changes: of states, not of percents. */
  readonly announce?: () => string;
}

const pingEveryMs = 15_000;

/** Streams fragments that differ from what was sent before. Ends when the reader goes away. */
export function sendLive(context: Context, options: LiveOptions): void {
  const gone = new AbortController();
  context.res.once('close', () => gone.abort());
  context.status = 200;
  context.type = 'text/event-stream';
  context.set('X-Accel-Buffering', 'no');
  context.body = Readable.from(fragments(options, gone.signal), { objectMode: false });
}

async function* fragments(options: LiveOptions, signal: AbortSignal): AsyncGenerator<string> {
  const sent = new Map<string, string>();
  let said = options.announce?.();
  let quietMs = 0;
  yield 'retry: 3000\n\n';
  while (!signal.aborted) {
    const parts = await options.render();
    for (const part of parts ?? []) {
      const html = onlyPermitted(part.html?.toString() ?? '', options.role);
      if (sent.get(part.id) === html) continue;
      sent.set(part.id, html);
      quietMs = 0;
      yield `event: fragment\ndata: ${JSON.stringify({ id: part.id, html })}\n\n`;
    }
    if (parts === undefined) {
      // The page then stops asking; it would reconnect for ever.
      yield 'event: end\ndata: {}\n\n';
      return;
    }
    const text = options.announce?.();
    if (text !== undefined && text !== said) {
      said = text;
      yield `event: announce\ndata: ${JSON.stringify({ text })}\n\n`;
    }
    await options.clock.sleep(options.periodMs, signal).catch(() => undefined);
    quietMs += options.periodMs;
    if (quietMs >= pingEveryMs) {
      quietMs = 0;
      yield ': ping\n\n';
    }
  }
}
