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
}

export interface Vsphere {
  /** Logs in, or shares the login that is there. Disposing gives the share back; the last one logs out. */
  connect(endpoint: EndpointWithPassword, signal: AbortSignal): Promise<EndpointConnection>;
}

interface Shared {
  readonly login: Promise<SharedLogin>;
  shares: number;
  /** Set when the login is there. */
  opened: SharedLogin | undefined;
}

/** The vSphere adapter: one login per endpoint, shared by all who ask for it. */
export function createVsphere(options: VsphereOptions): Vsphere {
  const logins = new Map<string, Shared>();

  function open(endpoint: EndpointWithPassword): Shared {
    const shared: Shared = {
      login: openEndpoint({ ...options, endpoint }).then((login) => (shared.opened = login)),
      shares: 0,
      opened: undefined,
    };
    return shared;
  }

  async function release(key: string, shared: Shared): Promise<void> {
    if (--shared.shares > 0) return;
    if (logins.get(key) === shared) logins.delete(key);
    const login = await shared.login.catch(() => undefined); // then there is nothing to log out of
    await login?.[Symbol.asyncDispose]();
  }

  return {
    async connect(endpoint, signal) {
      const key = loginKey(endpoint);
      const shared = usable(logins.get(key)) ?? open(endpoint);
      logins.set(key, shared);
      shared.shares++;
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
