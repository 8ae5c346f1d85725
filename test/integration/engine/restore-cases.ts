import { transportChoices, type TransportChoice } from '#core/transport-plan.ts';

/** Every way to restore a VM, by every transport, of VMs in every state; the tests run each of them. */
export const ways = [
  'in place',
  'rollback',
  'new VM',
  'other endpoint',
  'rebuilt appliance',
] as const;
export type Way = (typeof ways)[number];

/** How the VM stands when it is restored. */
export const layouts = [
  'thin, thick and eager disks on three controllers',
  'a disk has grown',
  'a disk is missing',
  'it has snapshots',
] as const;
export type Layout = (typeof layouts)[number];

export interface RestoreCase {
  readonly way: Way;
  readonly layout: Layout;
  readonly transport: TransportChoice;
  /** Fragment of the reason; undefined: every disk is restored bit by bit. */
  readonly refused: string | undefined;
}

/** What has become of the VM does not matter to a new one: one transport shows it. */
const anyTransport: TransportChoice = 'nbdssl';

export const restoreCases: readonly RestoreCase[] = ways.flatMap((way) =>
  layouts.flatMap((layout, index) =>
    transportChoices
      .filter((transport) => index === 0 || overwrites(way) || transport === anyTransport)
      .map((transport) => ({ way, layout, transport, refused: refusal(way, layout, transport) })),
  ),
);

export function overwrites(way: Way): boolean {
  return way === 'in place' || way === 'rollback';
}

function refusal(way: Way, layout: Layout, transport: TransportChoice): string | undefined {
  if (way === 'other endpoint' && transport.startsWith('hotadd'))
    return 'the appliance is not a VM of this endpoint';
  if (!overwrites(way)) return undefined;
  switch (layout) {
    case 'a disk has grown':
      return 'it had 2097152 bytes';
    case 'a disk is missing':
      return 'the VM has no such disk any more';
    case 'it has snapshots':
      return 'it has snapshots';
    case 'thin, thick and eager disks on three controllers':
      return undefined;
    default:
      return layout satisfies never;
  }
}

/** The table of docs/restores.md. */
export function restoreTable(cases: readonly RestoreCase[]): string {
  const rows = ways.flatMap((way) =>
    layouts.map((layout) => {
      const cells = transportChoices.map((transport) => {
        const found = cases.find(
          (each) => each.way === way && each.layout === layout && each.transport === transport,
        );
        if (found === undefined) return 'as above';
        return found.refused === undefined ? 'identical' : `refused: ${found.refused}`;
      });
      return [way, layout, ...cells];
    }),
  );
  const head = ['Restore', 'The VM that was backed up', ...transportChoices];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
