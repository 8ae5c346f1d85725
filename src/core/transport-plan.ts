import type { VmDetails, VmDisk } from './vm.ts';

/** A way to a disk; `hotadd-own` is coldframe's attach through the public API, the others are VDDK's. */
export const transportChoices = ['hotadd-vddk', 'hotadd-own', 'san', 'nbdssl', 'nbd'] as const;
export type TransportChoice = (typeof transportChoices)[number];

/** Fast before slow; VDDK's SAN plugin crashes on some systems and is only used when asked for. */
export const defaultTransportPolicy: readonly TransportChoice[] = [
  'hotadd-vddk',
  'hotadd-own',
  'nbdssl',
];

export interface TransportFacts {
  /** Order of preference. */
  readonly policy: readonly TransportChoice[];
  /** Version of the installed VDDK. */
  readonly vddkVersion: string | undefined;
  /** The appliance's own VM on the same endpoint; undefined when it is no VM there. */
  readonly appliance: Pick<VmDetails, 'datacenterMoref' | 'encrypted'> | undefined;
  readonly vm: Pick<VmDetails, 'datacenterMoref' | 'encrypted' | 'powerState'>;
  readonly purpose: 'backup' | 'restore';
}

/** What of a disk decides how it may be reached. */
export interface ReachableDisk {
  readonly controller: Pick<VmDisk['controller'], 'kind'>;
  readonly backing: Pick<VmDisk['backing'], 'kind'>;
}

export interface TransportCandidate {
  readonly choice: TransportChoice;
  /** Why it is where it is in the order, for people. */
  readonly reason: string;
}

export interface DiskTransportPlan {
  /** In the order to try. */
  readonly candidates: readonly TransportCandidate[];
  /** Choices of the policy that are out, and why. */
  readonly ruledOut: readonly TransportCandidate[];
}

/** Sorts the policy's choices for one disk into those worth trying and those that cannot work. */
export function planTransport(disk: ReachableDisk, facts: TransportFacts): DiskTransportPlan {
  const candidates: TransportCandidate[] = [];
  const ruledOut: TransportCandidate[] = [];
  for (const choice of facts.policy) {
    const obstacle = obstacleTo(choice, disk, facts);
    if (obstacle === undefined)
      candidates.push({ choice, reason: reasonFor(candidates.length, ruledOut) });
    else ruledOut.push({ choice, reason: obstacle });
  }
  return { candidates, ruledOut };
}

function reasonFor(position: number, ruledOut: readonly TransportCandidate[]): string {
  if (position > 0) return 'next in the order of preference';
  if (ruledOut.length === 0) return 'first in the order of preference';
  return ruledOut.map(({ choice, reason }) => `not ${choice}: ${reason}`).join('; ');
}

function obstacleTo(
  choice: TransportChoice,
  disk: ReachableDisk,
  facts: TransportFacts,
): string | undefined {
  if (choice !== 'hotadd-own' && facts.vddkVersion === undefined) return 'no VDDK is installed';
  switch (choice) {
    case 'hotadd-vddk':
    case 'hotadd-own':
      return obstacleToHotAdd(disk, facts);
    case 'san':
      return obstacleToSan(disk, facts);
    case 'nbdssl':
    case 'nbd':
      return undefined;
    default:
      return choice satisfies never;
  }
}

function obstacleToHotAdd(disk: ReachableDisk, facts: TransportFacts): string | undefined {
  const { appliance, vm } = facts;
  if (appliance === undefined) return 'the appliance is not a VM of this endpoint';
  if (appliance.datacenterMoref !== vm.datacenterMoref)
    return 'the appliance is in another datacenter than the VM';
  if (disk.controller.kind === 'ide') return 'disks on IDE controllers cannot be hot-added';
  if (vm.encrypted && !appliance.encrypted) return 'the VM is encrypted and the appliance is not';
  if (facts.purpose === 'restore' && vm.powerState !== 'poweredOff')
    return 'the VM is not powered off';
  return undefined;
}

function obstacleToSan(disk: ReachableDisk, facts: TransportFacts): string | undefined {
  if (facts.appliance !== undefined) return 'SAN transport does not work from inside a VM';
  if (facts.vm.encrypted) return 'SAN transport does not read encrypted VMs';
  if (disk.backing.kind === 'sparse') return 'SAN transport does not read sparse disks';
  return undefined;
}
