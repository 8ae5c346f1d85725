import type { EndpointWithPassword } from '#core/config.ts';

import { runPeer } from './peer.ts';

export type Govc = (...args: readonly string[]) => Promise<string>;

/** govc against one endpoint: what it prints, or an error with what it complains about. */
export function govcAt(
  endpoint: Pick<EndpointWithPassword, 'address' | 'user' | 'password'>,
): Govc {
  const env = {
    GOVC_URL: `https://${endpoint.address}/sdk`,
    GOVC_USERNAME: endpoint.user,
    GOVC_PASSWORD: endpoint.password.reveal(),
    GOVC_INSECURE: '1',
    GOVC_PERSIST_SESSION: 'false',
  };
  return async (...args) => {
    const { code, stdout, stderr } = await runPeer('govc', { args, env });
    if (code !== 0) throw new Error(`govc ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  };
}
