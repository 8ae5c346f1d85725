import type { SnapshotNode } from '#core/vm.ts';
import { listAt, morefAt, textAt, type VimValue } from './value.ts';
import { decodeName } from './names.ts';

/** The forest in `VirtualMachine.snapshot`. */
export function snapshotNodes(snapshotInfo: VimValue | undefined): readonly SnapshotNode[] {
  return listAt(snapshotInfo, 'rootSnapshotList').map(node);
}

function node(tree: VimValue): SnapshotNode {
  return {
    moref: morefAt(tree, 'snapshot')?.value ?? '',
    name: decodeName(textAt(tree, 'name') ?? ''),
    description: textAt(tree, 'description') ?? '',
    createdAtMs: Date.parse(textAt(tree, 'createTime') ?? ''),
    children: listAt(tree, 'childSnapshotList').map(node),
  };
}

/** Depth first, parents before children. */
export function* everySnapshot(nodes: readonly SnapshotNode[]): Generator<SnapshotNode> {
  for (const snapshot of nodes) {
    yield snapshot;
    yield* everySnapshot(snapshot.children);
  }
}
