import { protectionGap } from './disk-protection.ts';
import type { Finding } from './preflight.ts';
import { planTransport, type TransportFacts } from './transport-plan.ts';
import type { DatastoreInfo, VmDetails } from './vm.ts';

/** Which disks no transport reaches, and what is lost where HotAdd is out. */
export function preflightTransports(
  vm: VmDetails,
  facts: Omit<TransportFacts, 'vm' | 'purpose'>,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const disk of vm.disks) {
    if (protectionGap(disk) !== undefined) continue;
    const { candidates, ruledOut } = planTransport(disk, { ...facts, vm, purpose: 'backup' });
    const reasons = ruledOut.map(({ choice, reason }) => `${choice}: ${reason}`).join('; ');
    if (candidates.length === 0)
      findings.push({
        effect: 'blocks',
        id: 'no-transport',
        text: `No transport can reach ${disk.label}: ${reasons}.`,
      });
    else if (!candidates.some(({ choice }) => choice.startsWith('hotadd')) && reasons !== '')
      findings.push({
        effect: 'informs',
        id: 'no-hotadd',
        text: `${disk.label} is read by ${candidates[0]!.choice}, not by HotAdd: ${reasons}.`,
      });
  }
  return findings;
}

/** On NFS 3 a VM may stand still for seconds when a host other than its own lets go of its disks. */
export function preflightNfs(
  datastore: Pick<DatastoreInfo, 'name' | 'type'>,
  hosts: { readonly vm: string; readonly appliance: string | undefined },
): readonly Finding[] {
  const { vm, appliance } = hosts;
  if (datastore.type !== 'NFS' || appliance === undefined || appliance === vm) return [];
  return [
    {
      effect: 'informs',
      id: 'nfs-other-host',
      text: `Datastore ${datastore.name} is NFS 3 and the appliance runs on another host than the VM, which may then stand still for seconds when HotAdd lets go of its disks. Keep them on one host, or read it by nbdssl.`,
    },
  ];
}
