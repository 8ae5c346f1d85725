import { preflightBackup, type Finding } from '#core/preflight.ts';
import { checkDatastoreSpace } from '#core/space.ts';
import type { VmDetails } from '#core/vm.ts';
import type { EngineContext } from '#engine/ports.ts';

import type { Vsphere } from '../ports.ts';
import type { Endpoints } from './endpoints.ts';

export interface VmCheck {
  readonly vm: VmDetails;
  /** What a backup would run into, the worst included: nothing is thrown for it. */
  readonly findings: readonly Finding[];
}

export interface VmCheckOptions {
  readonly endpoints: Endpoints;
  readonly vsphere: Vsphere;
  readonly devices: Pick<EngineContext['devices'], 'self'>;
}

/** A fresh look at one VM for people; changes nothing. */
export async function checkVm(
  { endpoints, vsphere, devices }: VmCheckOptions,
  wanted: { readonly endpoint: string; readonly moref: string },
  signal: AbortSignal,
): Promise<VmCheck> {
  await using connection = await vsphere.connect(await endpoints.unlock(wanted.endpoint), signal);
  const vm = await connection.getVm(wanted.moref, signal);
  const ownMoref = await connection.findOwnVm(await devices.self(signal), signal);
  const findings = [...preflightBackup(vm, ownMoref)];
  for (const moref of new Set(vm.disks.map(({ backing }) => backing.datastoreMoref)))
    if (moref !== '')
      findings.push(...checkDatastoreSpace(await connection.getDatastore(moref, signal)));
  return { vm, findings };
}
