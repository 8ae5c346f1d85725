import { toErrorRecord } from '#core/error.ts';
import type { Finding } from '#core/preflight.ts';
import {
  gapText,
  privilegeAsks,
  privilegeGaps,
  type PrivilegeGap,
  type PrivilegeObject,
} from '#core/privilege-gaps.ts';
import type { PrivilegePlace, PrivilegePurpose } from '#core/privileges.ts';
import type { DatastoreInfo, VmDetails, VmSummary } from '#core/vm.ts';

import type { VsphereConnection } from './ports.ts';

/** Of more VMs than these only the first are asked about. */
const vmsLookedAt = 1000;

/** What the account lacks anywhere, for any purpose. */
export async function checkEndpointPrivileges(
  connection: VsphereConnection,
  of: { readonly vms: readonly VmSummary[]; readonly applianceMoref: string | undefined },
  signal: AbortSignal,
): Promise<readonly PrivilegeGap[]> {
  const vms = of.vms.slice(0, vmsLookedAt).map(({ identity }) => vmObject(identity, 'vm'));
  const appliance = of.vms.find(({ identity }) => identity.moref === of.applianceMoref);
  const objects = [
    rootObject(connection),
    ...(await connection.privilegePlaces(signal)),
    ...vms,
    ...(appliance === undefined ? [] : [vmObject(appliance.identity, 'appliance')]),
  ];
  return gapsOf(connection, { objects }, signal);
}

export interface VmPrivileges {
  readonly vm: VmDetails;
  readonly appliance: VmDetails | undefined;
  readonly vddkInstalled: boolean;
  /** Those that hold the VM's disks. */
  readonly datastores: readonly DatastoreInfo[];
}

/**
 * What the account lacks for a backup of this VM. A server that does not answer the question
 * hinders nothing: what is really missing shows when it is used.
 */
export async function checkVmPrivileges(
  connection: VsphereConnection,
  { vm, appliance, vddkInstalled, datastores }: VmPrivileges,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const purposes: PrivilegePurpose[] = ['backup'];
  if (appliance !== undefined) purposes.push('hotadd');
  if (vddkInstalled) purposes.push('vddk');
  try {
    const objects = [
      rootObject(connection),
      ...datastores.map(
        ({ moref, name }) => ({ place: 'datastore', type: 'Datastore', moref, name }) as const,
      ),
      vmObject(vm.identity, 'vm'),
      ...(appliance === undefined ? [] : [vmObject(appliance.identity, 'appliance')]),
    ];
    return findings(await gapsOf(connection, { objects, purposes }, signal));
  } catch (error) {
    signal.throwIfAborted();
    const { message } = toErrorRecord(error);
    return [
      {
        effect: 'informs',
        id: 'privileges-unknown',
        text: `What the account may do could not be checked: ${message}`,
      },
    ];
  }
}

/** Without HotAdd or VDDK there may be another way to the disks; without a snapshot there is none. */
function findings(gaps: readonly PrivilegeGap[]): readonly Finding[] {
  const groups: readonly (readonly [Finding['effect'], string, readonly PrivilegeGap[]])[] = [
    [
      'blocks',
      'A backup is not possible',
      gaps.filter((gap) => !gap.optional && gap.purpose === 'backup'),
    ],
    [
      'degrades',
      'HotAdd will fail',
      gaps.filter((gap) => !gap.optional && gap.purpose === 'hotadd'),
    ],
    ['degrades', 'VDDK will fail', gaps.filter((gap) => !gap.optional && gap.purpose === 'vddk')],
    [
      'informs',
      'Parts of a backup may be missing',
      gaps.filter((gap) => gap.optional && gap.purpose === 'backup'),
    ],
  ];
  return groups
    .filter(([, , lacking]) => lacking.length > 0)
    .map(([effect, what, lacking]) => ({
      effect,
      id: `privileges-${lacking[0]!.purpose}`,
      text: `${what}: the endpoint's account lacks ${lacking.map(gapText).join('; ')}. See: coldframe endpoint role --print`,
    }));
}

async function gapsOf(
  connection: VsphereConnection,
  of: {
    readonly objects: readonly PrivilegeObject[];
    readonly purposes?: readonly PrivilegePurpose[];
  },
  signal: AbortSignal,
): Promise<readonly PrivilegeGap[]> {
  const { objects, purposes } = of;
  const missing = await connection.missingPrivileges(privilegeAsks(objects, purposes), signal);
  return privilegeGaps(objects, ({ moref }, id) => missing.get(moref)?.has(id) === true, purposes);
}

function rootObject({ rootFolder }: VsphereConnection): PrivilegeObject {
  return { place: 'root', type: 'Folder', moref: rootFolder, name: 'root' };
}

function vmObject(
  { moref, name }: { readonly moref: string; readonly name: string },
  place: PrivilegePlace,
): PrivilegeObject {
  return { place, type: 'VirtualMachine', moref, name };
}
