import { Secret } from '#core/secret.ts';
import { hashPassword } from '#service/auth/password.ts';
import { writeWhole } from './apply.ts';
import type { FirstBootSettings } from './settings.ts';

/**
 * What the service finds at its first start: it takes each over into its catalog
 * if nothing is there yet, and removes the file.
 */
export interface HandOver {
  readonly version: 1;
  /** As src/service/auth/password.ts makes it. */
  readonly adminPasswordHash?: string;
  readonly endpoint?: string;
  readonly nfs?: { readonly target: string; readonly options: string };
}

export const handOverPath = '/var/lib/coldframe/first-boot.json';

/** Returns whether there was anything to hand over. */
export async function writeHandOver(root: string, settings: FirstBootSettings): Promise<boolean> {
  const { adminPassword, endpoint, nfs } = settings;
  const adminPasswordHash =
    settings.adminPasswordHash ??
    (adminPassword === undefined ? undefined : await hashPassword(new Secret(adminPassword)));
  if (adminPasswordHash === undefined && endpoint === undefined && nfs === undefined) return false;
  const handOver: HandOver = {
    version: 1,
    ...(adminPasswordHash === undefined ? {} : { adminPasswordHash }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(nfs === undefined ? {} : { nfs }),
  };
  const text = `${JSON.stringify(handOver)}\n`;
  await writeWhole(root, { path: handOverPath, mode: 0o600, text });
  return true;
}
