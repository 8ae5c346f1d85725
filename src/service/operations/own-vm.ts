import type { EngineContext } from '#engine/ports.ts';

import type { Vsphere } from '../ports.ts';
import type { Endpoints } from './endpoints.ts';

/** Moref of the appliance's own VM on an endpoint; undefined when it does not run there. */
export type FindOwnVm = (endpointId: string, signal: AbortSignal) => Promise<string | undefined>;

export function ownVmFinder(options: {
  readonly endpoints: Endpoints;
  readonly vsphere: Vsphere;
  readonly devices: Pick<EngineContext['devices'], 'self'>;
}): FindOwnVm {
  const { endpoints, vsphere, devices } = options;
  return async (endpointId, signal) => {
    await using connection = await vsphere.connect(await endpoints.unlock(endpointId), signal);
    return await connection.findOwnVm(await devices.self(signal), signal);
  };
}
