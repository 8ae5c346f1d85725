import type { Clock } from '#core/clock.ts';
import type { EndpointWithPassword } from '#core/config.ts';
import { abortable } from './abortable.ts';
import type { VsphereLog } from './connection.ts';
import { openEndpoint, type EndpointConnection, type SharedLogin } from './endpoint-connection.ts';

export interface VsphereOptions {
  readonly clock: Clock;
  /** Shown in vCenter's list of logins: "coldframe/0.1.0". */
  readonly userAgent: string;
  readonly log: VsphereLog;
  /** PEM certificates to trust besides the system's. */
  readonly certificates?: readonly string[];
  /** How long a login, with its inventory, outlives the last share of it. Absent: not at all. */
  readonly keepMs?: number;
}

/** Disposing it logs out of what is kept though nobody holds a share. */
export interface Vsphere extends AsyncDisposable {
  /** Logs in, or shares the login that is there. Disposing gives the share back. */
  connect(endpoint: EndpointWithPassword, signal: AbortSignal): Promise<EndpointConnection>;
}

interface Shared {
  readonly endpointId: string;
  readonly login: Promise<SharedLogin>;
  shares: number;
  /** While nobody has a share: ends the keeping. */
  idle: AbortController | undefined;
  /** Set when the login is there. */
  opened: SharedLogin | undefined;
}

/** The vSphere adapter: one login per endpoint, shared by all who ask for it at a time. */
export function createVsphere(options: VsphereOptions): Vsphere {
  const { clock, keepMs = 0 } = options;
  const logins = new Map<string, Shared>();
  let closed = false;

  function open(endpoint: EndpointWithPassword): Shared {
    const shared: Shared = {
      endpointId: endpoint.id,
      login: openEndpoint({ ...options, endpoint }).then((login) => (shared.opened = login)),
      shares: 0,
      idle: undefined,
      opened: undefined,
    };
    return shared;
  }

  async function release(key: string, shared: Shared): Promise<void> {
    if (--shared.shares > 0) return;
    const kept = keepMs > 0 && !closed && logins.get(key) === shared;
    if (kept && usable(shared) !== undefined) keep(key, shared);
    else await close(key, shared);
  }

  function keep(key: string, shared: Shared): void {
    const idle = new AbortController();
    shared.idle = idle;
    clock.sleep(keepMs, idle.signal).then(
      () => close(key, shared),
      () => undefined, // it has a share again, or is being closed
    );
  }

  async function close(key: string, shared: Shared): Promise<void> {
    shared.idle?.abort();
    if (logins.get(key) === shared) logins.delete(key);
    const login = await shared.login.catch(() => undefined); // then there is nothing to log out of
    await login?.[Symbol.asyncDispose]();
  }

  /** With other settings than these it will not be asked for again. */
  function closeOutdated({ id }: EndpointWithPassword, key: string): void {
    for (const [otherKey, other] of logins)
      if (other.endpointId === id && otherKey !== key && other.idle !== undefined)
        void close(otherKey, other); // never throws, and nobody waits for it
  }

  return {
    async connect(endpoint, signal) {
      const key = loginKey(endpoint);
      const shared = usable(logins.get(key)) ?? open(endpoint);
      logins.set(key, shared);
      closeOutdated(endpoint, key);
      shared.shares++;
      shared.idle?.abort();
      shared.idle = undefined;
      try {
        const login = await abortable(shared.login, signal);
        return login.share(() => release(key, shared));
      } catch (error) {
        // A failed login is not kept; nobody waits for the release.
        if (logins.get(key) === shared && !signal.aborted) logins.delete(key);
        void release(key, shared);
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      const kept = [...logins].filter(([, shared]) => shared.idle !== undefined);
      await Promise.all(kept.map(([key, shared]) => close(key, shared)));
    },
  };
}

/** A login whose renewal was refused stays refused for those who have it; who asks anew tries anew. */
function usable(shared: Shared | undefined): Shared | undefined {
  return shared?.opened?.refused === true ? undefined : shared;
}

/** Changed settings make another login. */
function loginKey({ id, address, user, thumbprint, password }: EndpointWithPassword): string {
  return JSON.stringify([id, address, user, thumbprint, password.reveal()]);
}
