import type { EndpointWithPassword } from '#core/config.ts';
import type { VddkAccess } from '#core/disk-access.ts';

import type { VsphereConnection } from './ports.ts';

export interface VddkLogin {
  /** Where the library is. */
  readonly vddk: { readonly libDir: string };
  readonly connection: VsphereConnection;
  readonly endpoint: EndpointWithPassword;
  readonly vmMoref: string;
}

/** What VDDK needs to log in for a VM, whichever disk comes then. */
export function vddkLogin({
  vddk,
  connection,
  endpoint,
  vmMoref,
}: VddkLogin): Omit<VddkAccess, 'path' | 'transports'> {
  const { host, port, sha1 } = connection.diskServer;
  return {
    kind: 'vddk',
    libDir: vddk.libDir,
    server: host,
    port,
    thumbprint: sha1,
    user: endpoint.user,
    password: endpoint.password,
    vmMoref,
  };
}

/** For what is asked about a VM as a whole; no disk is opened. */
export function vddkVmAccess(login: VddkLogin): VddkAccess {
  return { ...vddkLogin(login), path: '', transports: ['hotadd', 'nbdssl'] };
}
