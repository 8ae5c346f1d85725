import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '#core/clock.ts';
import { createVsphere } from '#vsphere/client.ts';
import type { EndpointConnection } from '#vsphere/endpoint-connection.ts';
import { scriptedServer, type Script, type ScriptedServer } from './scripted-server.ts';

/** Back-off and polls take moments; deadlines are real. */
export const briskClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    delay(ms < 10_000 ? 1 : ms, undefined, signal === undefined ? {} : { signal }),
};

export interface ScriptedClient extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly connection: EndpointConnection;
  readonly signal: AbortSignal;
}

/** A connection to a server that answers with these scripts. */
export async function scriptedClient(
  scripts: Readonly<Record<string, Script>>,
  clock: Clock = briskClock,
): Promise<ScriptedClient> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await scriptedServer(scripts));
  const signal = AbortSignal.timeout(30_000);
  const log = { info: () => undefined, warn: () => undefined };
  const vsphere = createVsphere({ clock, userAgent: 'coldframe/test', log });
  const connection = stack.use(await vsphere.connect(server.endpoint(), signal));
  const owned = stack.move();
  return { server, connection, signal, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Waits for what happens without being waited for; fails after some seconds. */
export async function until(happened: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !happened(); i++) await delay(10);
  if (!happened()) throw new Error('it never happened');
}
