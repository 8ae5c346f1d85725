import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '#core/clock.ts';
import type { EndpointWithPassword } from '#core/config.ts';
import { Secret } from '#core/secret.ts';
import type { VspherePort } from '#engine/ports.ts';
import { createVsphere } from '#vsphere/client.ts';
import type { EndpointConnection } from '#vsphere/endpoint-connection.ts';
import { startLab, type Lab, type LabOptions } from '#test/lab/lab.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

/** Runs `factor` times as fast as the real one, so that back-off and deadlines take moments. */
export function fastClock(factor: number): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * factor,
    async sleep(ms, signal) {
      await delay(ms / factor, undefined, signal === undefined ? {} : { signal });
    },
  };
}

/** Real, but sleeps of `thresholdMs` and more take `shortMs`: for one deadline among others. */
export function impatientClock(thresholdMs: number, shortMs: number): Clock {
  const real = fastClock(1);
  return { ...real, sleep: (ms, signal) => real.sleep(ms >= thresholdMs ? shortMs : ms, signal) };
}

export interface LabClient extends AsyncDisposable {
  readonly lab: Lab;
  readonly vsphere: VspherePort;
  readonly endpoint: EndpointWithPassword;
  readonly connection: EndpointConnection;
  readonly signal: AbortSignal;
  /** Morefs of the lab's two VMs. */
  readonly app: string;
  readonly appliance: string;
  readonly messages: string[];
}

export interface LabClientOptions extends Partial<LabOptions> {
  readonly clock?: Clock;
}

/** A lab of its own and a connection to it. */
export async function labClient(options: LabClientOptions = {}): Promise<LabClient> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const lab = stack.use(
    await startLab({ scenario: demoScenario(smallSizes), ...options, dir: folder.path }),
  );
  const messages: string[] = [];
  const keep = (message: string): void => void messages.push(message);
  const vsphere = createVsphere({
    clock: options.clock ?? fastClock(20),
    userAgent: 'coldframe/test',
    log: { info: keep, warn: keep },
  });
  const endpoint = labEndpoint(lab);
  const signal = AbortSignal.timeout(60_000);
  const connection = stack.use(await vsphere.connect(endpoint, signal));
  const { vms } = await lab.state();
  const moref = (name: string): string => vms.find((vm) => vm.name === name)!.moref;
  const owned = stack.move();
  return {
    lab,
    // The compiler checks here that the adapter fits the engine's port.
    vsphere,
    endpoint,
    connection,
    signal,
    app: moref('demo-app'),
    appliance: moref('coldframe'),
    messages,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export function labEndpoint(
  lab: Lab,
  changes: Partial<EndpointWithPassword> = {},
): EndpointWithPassword {
  return {
    id: 'lab',
    name: 'the lab',
    address: lab.address,
    user: lab.user,
    password: new Secret(lab.password),
    thumbprint: lab.thumbprintSha256,
    ...changes,
  };
}
