import type { EndpointWithPassword } from '#core/config.ts';
import { protectionGap } from '#core/disk-protection.ts';
import { toErrorRecord } from '#core/error.ts';
import { planTransport, type TransportChoice } from '#core/transport-plan.ts';
import type { VmDetails } from '#core/vm.ts';

import type { Effects } from './effects.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';
import { isUntouched } from './transport-attempts.ts';
import { vddkVmAccess } from './vddk-access.ts';

export interface PrepareJob {
  readonly connection: VsphereConnection;
  readonly endpoint: EndpointWithPassword;
  readonly effects: Effects;
  readonly vm: VmDetails;
  readonly appliance: VmDetails | undefined;
  readonly transports: readonly TransportChoice[];
}

/** Who PrepareForAccess and EndAccess act for. */
export function accessIdentity({ applianceId }: Pick<EngineContext, 'applianceId'>): string {
  return `coldframe-${applianceId}`;
}

/**
 * Before the snapshot, as VMware's order has it: a VM that VDDK is to read does not migrate until
 * its disks are closed. Stand-alone hosts have nowhere to migrate to. A failure is told and no
 * more, since a backup is possible without. Answers whether it was tried.
 */
export async function prepareAccess(
  context: EngineContext,
  job: PrepareJob,
  signal: AbortSignal,
): Promise<boolean> {
  const { connection, endpoint, effects, vm } = job;
  const vddk = await context.vddk.installed();
  if (vddk === undefined || connection.about.apiType !== 'VirtualCenter') return false;
  if (!goesByVddk(job, vddk.version)) return false;
  const vmMoref = vm.identity.moref;
  const access = vddkVmAccess({ vddk, connection, endpoint, vmMoref });
  const identity = accessIdentity(context);
  try {
    await effects.make('disable-migration', { vmMoref, identity }, () =>
      context.mover.run({ kind: 'vddk-prepare', access, identity }, { signal }),
    );
  } catch (error) {
    signal.throwIfAborted();
    if (isUntouched(error)) await effects.keep('disable-migration');
    context.log.warn(
      `${vm.identity.name} may migrate while it is backed up: ${toErrorRecord(error).message}`,
    );
  }
  return true;
}

function goesByVddk({ vm, appliance, transports }: PrepareJob, vddkVersion: string): boolean {
  const facts = { policy: transports, vddkVersion, appliance, vm, purpose: 'backup' } as const;
  return vm.disks.some((disk) => {
    if (protectionGap(disk) !== undefined) return false;
    const choice = planTransport(disk, facts).candidates[0]?.choice;
    return choice !== undefined && choice !== 'hotadd-own';
  });
}
