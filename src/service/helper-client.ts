import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { ColdframeError, fromErrorRecord, type ErrorRecord } from '#core/error.ts';
import type { HelperAnswer, HelperInput, HelperVerb } from '#core/helper.ts';

/** Asks the appliance's privileged helper. */
export interface Helper {
  ask<V extends HelperVerb>(
    verb: V,
    input: HelperInput<V>,
    signal?: AbortSignal,
  ): Promise<HelperAnswer<V>>;
}

/** Longer than the helper lives. */
const answerMs = 4 * 60_000;

/** `socket` is systemd's; where there is none the machine is not the appliance. */
export function createHelper(socket: string): Helper {
  return {
    async ask<V extends HelperVerb>(
      verb: V,
      input: HelperInput<V>,
      signal?: AbortSignal,
    ): Promise<HelperAnswer<V>> {
      const enough = AbortSignal.timeout(answerMs);
      const line = await exchange(
        socket,
        `${JSON.stringify({ verb, input })}\n`,
        signal === undefined ? enough : AbortSignal.any([signal, enough]),
      );
      return answerOf(line) as HelperAnswer<V>;
    },
  };
}

async function exchange(path: string, request: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const connection = connect(path);
  const onAbort = (): void => {
    connection.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await once(connection, 'connect');
    connection.write(request);
    return await text(connection);
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw noHelper(path, cause);
  } finally {
    signal.removeEventListener('abort', onAbort);
    connection.destroy();
  }
}

function answerOf(line: string): unknown {
  let reply: { readonly answer?: unknown; readonly error?: ErrorRecord };
  try {
    reply = JSON.parse(line) as typeof reply;
  } catch (cause) {
    throw new ColdframeError(
      'process-died',
      'The appliance’s helper ended without an answer. Its journal says why: journalctl -u "coldframe-helper@*"',
      { cause },
    );
  }
  if (reply.error !== undefined) throw fromErrorRecord(reply.error);
  return reply.answer;
}

function noHelper(path: string, cause: unknown): ColdframeError {
  return new ColdframeError(
    'not-eligible',
    `This needs the appliance’s helper (${path}), which is not there. Outside the appliance do it by hand: mount the share yourself and name the folder.`,
    { cause },
  );
}
