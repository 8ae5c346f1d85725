import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

import { ColdframeError } from '#core/error.ts';
import type { Notice, Severity } from '#core/notice.ts';
import type { SyslogSettings } from '#core/notify-settings.ts';

import type { Deliver } from './store.ts';

const waitMs = 10_000;
/** Facility "daemon"; severities of RFC 5424. */
const facility = 3;
const levels: Readonly<Record<Severity, number>> = { good: 6, warning: 4, failure: 3 };

/** One RFC 5424 message in UTF-8; TCP frames it by its length (RFC 6587). */
export function syslog(settings: SyslogSettings, host: string): Deliver {
  return async (notice, signal) => {
    const message = Buffer.from(syslogText(notice, host));
    const limit = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    try {
      await (settings.protocol === 'udp'
        ? sendUdp(settings, message)
        : sendTcp(settings, { message, signal: limit }));
    } catch (error) {
      signal.throwIfAborted();
      throw new ColdframeError(
        'unreachable',
        `The syslog server ${settings.host}:${settings.port} (${settings.protocol}) does not take messages.`,
        { cause: error },
      );
    }
  };
}

export function syslogText(notice: Notice, host: string): string {
  const { severity, timeMs, kind, id, title, text, runId = '-' } = notice;
  const data = `[coldframe@32473 kind="${kind}" id="${id}" run="${runId}"]`;
  const words = `${title}: ${text}`.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return `<${facility * 8 + levels[severity]}>1 ${new Date(timeMs).toISOString()} ${host} coldframe - ${kind} ${data} \u{feff}${words}`;
}

async function sendUdp({ host, port }: SyslogSettings, message: Buffer): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.send(message, port, host, (error) => (error === null ? resolve() : reject(error)));
    });
  } finally {
    socket.close();
  }
}

async function sendTcp(
  { host, port }: SyslogSettings,
  { message, signal }: { readonly message: Buffer; readonly signal: AbortSignal },
): Promise<void> {
  const socket = connect({ host, port, signal });
  try {
    await once(socket, 'connect', { signal });
    socket.end(Buffer.concat([Buffer.from(`${message.length} `), message]));
    // The other end has it all when it closes too, or our end has been sent.
    await once(socket, 'finish', { signal });
  } finally {
    socket.destroySoon();
  }
}
