import type { EndpointWithPassword } from '#core/config.ts';

import { runPeer } from './peer.ts';

export type Govc = (...args: readonly string[]) => Promise<string>;

type Login = Pick<EndpointWithPassword, 'address' | 'user' | 'password'>;

/** The environment in which govc talks to an endpoint. */
export function govcEnv(endpoint: Login): Readonly<Record<string, string>> {
  return {
    GOVC_URL: `https://${endpoint.address}/sdk`,
    GOVC_USERNAME: endpoint.user,
    GOVC_PASSWORD: endpoint.password.reveal(),
    GOVC_INSECURE: '1',
    GOVC_PERSIST_SESSION: 'false',
  };
}

/** govc against one endpoint: what it prints, or an error with what it complains about. */
export function govcAt(endpoint: Login): Govc {
  const env = govcEnv(endpoint);
  return async (...args) => {
    const { code, stdout, stderr } = await runPeer('govc', { args, env });
    if (code !== 0) throw new Error(`govc ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  };
}
