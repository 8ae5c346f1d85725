import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { HelperAnswer, HelperVerb } from '#core/helper.ts';
import { mountNfs, unmountNfs } from './nfs-mount.ts';
import { protect, unprotect } from './protect.ts';
import { parseRequest, type HelperRequest } from './requests.ts';
import { power, setNetwork, setTimeServers } from './system.ts';
import type { HelperWorld } from './world.ts';

/** One request in, one line of answer out; never throws. */
export async function answer(line: string, world: HelperWorld): Promise<string> {
  try {
    return `${JSON.stringify({ answer: await carryOut(parseRequest(line), world) })}\n`;
  } catch (error) {
    return `${JSON.stringify({ error: toErrorRecord(error) })}\n`;
  }
}

/**
 * systemd names the instance of an accepted connection "number-pid-uid" from the peer's credentials,
 * which the kernel vouches for. Throws unless root or the service's user asks.
 */
export function requirePeer(instance: string, serviceUid: number): void {
  const [, uid] = /^\d+-\d+(?:_\d+)?-(\d+)$/.exec(instance) ?? [];
  if (uid === '0' || uid === String(serviceUid)) return;
  throw new ColdframeError(
    'no-permission',
    `The helper serves root and the service alone, not user ${uid ?? 'unknown'}.`,
  );
}

function carryOut(request: HelperRequest, world: HelperWorld): Promise<HelperAnswer<HelperVerb>> {
  switch (request.verb) {
    case 'mount-nfs':
      return mountNfs(request.input, world);
    case 'unmount-nfs':
      return unmountNfs(request.input, world);
    case 'protect':
      return protect(request.input, world);
    case 'unprotect':
      return unprotect(request.input, world);
    case 'set-network':
      return setNetwork(request.input, world);
    case 'set-time-servers':
      return setTimeServers(request.input, world);
    case 'power':
      return power(request.input, world);
    default:
      return request satisfies never;
  }
}
