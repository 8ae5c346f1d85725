import { ColdframeError } from '#core/error.ts';
import type { VmQuery } from '#engine/ports.ts';

import type { Endpoints } from './endpoints.ts';
import type { Vsphere } from '../ports.ts';

export interface FoundVm {
  readonly endpointId: string;
  readonly moref: string;
  readonly instanceUuid: string;
  readonly name: string;
}

export interface VmFinderOptions {
  readonly endpoints: Endpoints;
  readonly vsphere: Vsphere;
}

/** Makes sure that every wanted VM exists before anything is queued. */
export async function findVms(
  { endpoints, vsphere }: VmFinderOptions,
  wanted: { readonly endpoint: string | undefined; readonly vms: readonly VmQuery[] },
  signal: AbortSignal,
): Promise<readonly FoundVm[]> {
  const endpoint = await endpoints.unlock(wanted.endpoint);
  await using connection = await vsphere.connect(endpoint, signal);
  const found: FoundVm[] = [];
  for (const query of wanted.vms) {
    const moref = await connection.findVm(query, signal);
    if (moref === undefined)
      throw new ColdframeError(
        'not-found',
        `There is no VM "${Object.values(query)[0]}" on ${endpoint.name}. See: coldframe vm list`,
      );
    const { identity } = await connection.getVm(moref, signal);
    const { instanceUuid, name } = identity;
    found.push({ endpointId: endpoint.id, moref, instanceUuid, name });
  }
  return found;
}
