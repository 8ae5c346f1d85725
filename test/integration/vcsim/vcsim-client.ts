import { Secret } from '#core/secret.ts';
import type { EndpointWithPassword } from '#core/config.ts';
import { createVsphere, type Vsphere } from '#vsphere/client.ts';
import type { EndpointConnection } from '#vsphere/endpoint-connection.ts';
import { fastClock } from '#test/integration/vsphere/lab-client.ts';
import { govcAt, type Govc } from '#test/peers/govc.ts';
import { strictProxy, type ProxyAnswer, type StrictProxy } from '#test/peers/strict-proxy.ts';
import { startVcsim } from '#test/peers/vcsim.ts';

export interface VcsimClient extends AsyncDisposable {
  /** Our own requests go through it; govc's do not. */
  readonly proxy: StrictProxy;
  readonly vsphere: Vsphere;
  readonly endpoint: EndpointWithPassword;
  readonly connection: EndpointConnection;
  readonly govc: Govc;
  readonly signal: AbortSignal;
}

export interface VcsimOptions {
  /** Arguments of vcsim: the model. */
  readonly model?: readonly string[];
  readonly answers?: Readonly<Record<string, ProxyAnswer>>;
}

/** A vcsim of its own behind the strict proxy, and a connection to it. */
export async function vcsimClient(options: VcsimOptions = {}): Promise<VcsimClient> {
  await using stack = new AsyncDisposableStack();
  const { model = [], answers = {} } = options;
  const vcsim = stack.use(await startVcsim([...model, '-user', 'user', '-password', 'pass']));
  const proxy = stack.use(await strictProxy({ to: vcsim.address, answers }));
  const vsphere = createVsphere({
    clock: fastClock(20),
    userAgent: 'coldframe/test',
    log: { info: () => undefined, warn: () => undefined },
  });
  const endpoint = proxy.endpoint();
  const signal = AbortSignal.timeout(60_000);
  const connection = stack.use(await vsphere.connect(endpoint, signal));
  const govc = govcAt({ address: vcsim.address, user: 'user', password: new Secret('pass') });
  const owned = stack.move();
  return {
    proxy,
    vsphere,
    endpoint,
    connection,
    govc,
    signal,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The moref of a VM, by name. */
export async function vmNamed(client: VcsimClient, name: string): Promise<string> {
  const moref = await client.connection.findVm({ name }, client.signal);
  if (moref === undefined) throw new Error(`vcsim has no VM ${name}`);
  return moref;
}
