import { createHmac } from 'node:crypto';

import { ColdframeError } from '#core/error.ts';
import type { WebhookSettings } from '#core/notify-settings.ts';
import type { Secret } from '#core/secret.ts';

import type { Deliver } from './store.ts';

const waitMs = 20_000;

export interface WebhookOptions {
  readonly settings: WebhookSettings;
  readonly key: Secret | undefined;
  readonly host: string;
  readonly nowMs: () => number;
}

/**
 * Posts a notice as JSON. With a key, `Coldframe-Signature: t=<seconds>,v1=<hex>` is the
 * HMAC-SHA256 of "<seconds>.<body>": a receiver that checks the time is safe from replays.
 */
export function webhook({ settings, key, host, nowMs }: WebhookOptions): Deliver {
  return async (notice, signal) => {
    const { id, kind, severity, timeMs, title, text, runId } = notice;
    const body = JSON.stringify({
      id,
      kind,
      severity,
      time: new Date(timeMs).toISOString(),
      title,
      text,
      host,
      ...(runId === undefined ? {} : { runId }),
    });
    const seconds = Math.floor(nowMs() / 1000);
    let status: number;
    try {
      const answer = await fetch(settings.url, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'coldframe',
          'idempotency-key': id,
          ...(key === undefined
            ? {}
            : { 'coldframe-signature': `t=${seconds},v1=${sign(key, `${seconds}.${body}`)}` }),
        },
        // Where it leads on to is not where the administrator said.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(waitMs)]),
      });
      await answer.body?.cancel();
      ({ status } = answer);
    } catch (error) {
      signal.throwIfAborted();
      throw new ColdframeError(
        'unreachable',
        `The webhook ${settings.name} does not answer at ${new URL(settings.url).host}.`,
        { cause: error },
      );
    }
    if (status < 200 || status > 299)
      throw new ColdframeError('unreachable', `The webhook ${settings.name} answered ${status}.`);
  };
}

export function sign(key: Secret, text: string): string {
  return createHmac('sha256', key.reveal()).update(text).digest('hex');
}
