import { markerIn } from './own-marker.ts';
import type { Finding } from './preflight.ts';
import type { SnapshotNode } from './vm.ts';

/** vSphere takes no more than 32 on top of one another. */
const mostLevels = 31;
const dayMs = 24 * 3600 * 1000;

/** Id of the appliance that took this snapshot; undefined: none did. */
export function takenBy({ description }: Pick<SnapshotNode, 'description'>): string | undefined {
  return markerIn(description)?.applianceId;
}

export function everySnapshot(nodes: readonly SnapshotNode[]): readonly SnapshotNode[] {
  return nodes.flatMap((node) => [node, ...everySnapshot(node.children)]);
}

/** What the snapshots that a VM has already mean for its backup. */
export function preflightSnapshots(
  nodes: readonly SnapshotNode[],
  { applianceId, nowMs }: { readonly applianceId: string; readonly nowMs: number },
): readonly Finding[] {
  const findings: Finding[] = [];
  const all = everySnapshot(nodes);
  const ours = all.filter((node) => takenBy(node) === applianceId);
  const others = all.filter((node) => ![undefined, applianceId].includes(takenBy(node)));
  const foreign = all.filter((node) => takenBy(node) === undefined);
  if (levels(nodes) >= mostLevels)
    findings.push({
      effect: 'blocks',
      id: 'too-many-snapshots',
      text: `The VM has ${levels(nodes)} snapshots on top of one another, and vSphere takes no more. Remove some in the vSphere Client.`,
    });
  if (ours.length > 0)
    findings.push({
      effect: 'informs',
      id: 'own-snapshots',
      text: `${counted(ours.length)} of coldframe's own ${ours.length === 1 ? 'is' : 'are'} left from an earlier task. What still has to be undone is in the journal; the rest is released with: coldframe stray release`,
    });
  if (others.length > 0)
    findings.push({
      effect: 'informs',
      id: 'other-appliance-snapshots',
      text: `${counted(others.length)} of another coldframe appliance (${takenBy(others[0]!)}). Two appliances that back up the same VM slow each other down and reset nothing of each other's.`,
    });
  if (foreign.length > 0) {
    const oldest = Math.min(...foreign.map(({ createdAtMs }) => createdAtMs));
    const days = Math.max(0, Math.floor((nowMs - oldest) / dayMs));
    findings.push({
      effect: 'informs',
      id: 'snapshots',
      text: `The VM has ${counted(foreign.length)} already, the oldest ${days} days old; long chains slow the guest and its backup.`,
    });
  }
  return findings;
}

function counted(count: number): string {
  return `${count} snapshot${count === 1 ? '' : 's'}`;
}

function levels(nodes: readonly SnapshotNode[]): number {
  return nodes.reduce((most, { children }) => Math.max(most, 1 + levels(children)), 0);
}
