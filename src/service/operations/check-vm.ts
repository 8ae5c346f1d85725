import type { VmCheckView } from '#core/api.ts';
import type { Finding } from '#core/preflight.ts';
import type { VmDetails } from '#core/vm.ts';
import type { VmQuery } from '#engine/ports.ts';

import type { UseCases } from '../ports.ts';
import type { Endpoints } from './endpoints.ts';

export interface VmCheck {
  readonly vm: VmDetails;
  /** What a backup would run into, the worst included: nothing is thrown for it. */
  readonly findings: readonly Finding[];
}

export interface VmCheckOptions {
  readonly endpoints: Endpoints;
  readonly useCases: Pick<UseCases, 'checkVm'>;
}

/** A fresh look at one VM for people; changes nothing. */
export async function checkVm(
  { endpoints, useCases }: VmCheckOptions,
  wanted: { readonly endpoint: string | undefined; readonly vm: VmQuery },
  signal: AbortSignal,
): Promise<VmCheck> {
  const endpoint = await endpoints.unlock(wanted.endpoint);
  return useCases.checkVm({ endpoint, vm: wanted.vm }, signal);
}

export function vmCheckView({ vm, findings }: VmCheck): VmCheckView {
  const { identity, powerState, hardwareVersion, changeTrackingEnabled } = vm;
  return {
    vm: identity,
    powerState,
    hardwareVersion,
    changeTrackingEnabled,
    findings,
    eligible: !findings.some(({ effect }) => effect === 'blocks'),
  };
}
