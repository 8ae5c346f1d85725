import type { JournalKind, JournalState } from '#core/journal.ts';

import type { ChildOrder, Death } from './engine-child.ts';

type Transport = ChildOrder['work']['transports'][number];

/** What is there after a death and the recovery from it; the key is what a test asserts. */
export const leavings = {
  nothing: 'nothing',
  'restore-point': 'the restore point, listed and verified',
  'nothing-or-restore-point': 'nothing, or the whole restore point, listed and verified',
  'no-vm': 'no VM; the restore point as it was',
  'marked-vm': 'the VM, marked as unfinished and powered off, until it is restored again',
} as const;

export interface KillCase {
  readonly work: 'backup' | 'restore to a new VM' | 'restore in place';
  readonly transport: Transport;
  readonly death: Exclude<Death, { readonly victim: 'nobody' }>;
  readonly leaves: keyof typeof leavings;
}

const ownSteps: readonly (readonly [JournalKind, JournalState])[] = [
  ['snapshot', 'intended'],
  ['snapshot', 'done'],
  ['attach', 'intended'],
  ['attach', 'done'],
  ['partial-archive', 'intended'],
  ['partial-archive', 'done'],
  ['attach', 'undone'],
  ['partial-archive', 'undone'],
  ['snapshot', 'undone'],
];

const vddkSteps: readonly (readonly [JournalKind, JournalState])[] = [
  ['vddk-access', 'intended'],
  ['vddk-access', 'done'],
  ['vddk-access', 'undone'],
  ['partial-archive', 'done'],
];

const restoreSteps: readonly (readonly [JournalKind, JournalState])[] = [
  ['created-vm', 'intended'],
  ['created-vm', 'done'],
  ['attach', 'done'],
];

const victims = ['engine', 'mover', 'worker'] as const;

/** Every death that the kill matrix tries; docs/reliability.md shows them. */
export const killCases: readonly KillCase[] = [
  ...ownSteps.map((step) => backupStep('hotadd-own', step)),
  ...vddkSteps.map((step) => backupStep('hotadd-vddk', step)),
  ...(['hotadd-own', 'hotadd-vddk'] as const).flatMap((transport) =>
    victims.map((victim): KillCase => ({
      work: 'backup',
      transport,
      death: { victim, at: 'copying' },
      // An orphaned mover may be past its last byte and commit before it ends itself.
      leaves: victim === 'engine' ? 'nothing-or-restore-point' : 'nothing',
    })),
  ),
  ...restoreSteps.map(([kind, state]): KillCase =>
    toNewVm({ victim: 'engine', at: { kind, state } }),
  ),
  ...victims.map((victim) => toNewVm({ victim, at: 'copying' })),
  {
    work: 'restore in place',
    transport: 'hotadd-own',
    death: { victim: 'engine', at: 'copying' },
    leaves: 'marked-vm',
  },
];

function backupStep(
  transport: Transport,
  [kind, state]: readonly [JournalKind, JournalState],
): KillCase {
  // The mover commits before its journal entry is done; from there on nothing is lost.
  const committed = (kind === 'partial-archive' && state !== 'intended') || state === 'undone';
  return {
    work: 'backup',
    transport,
    death: { victim: 'engine', at: { kind, state } },
    leaves: committed ? 'restore-point' : 'nothing',
  };
}

function toNewVm(death: KillCase['death']): KillCase {
  return { work: 'restore to a new VM', transport: 'hotadd-own', death, leaves: 'no-vm' };
}

export function momentOf({ death: { at } }: KillCase): string {
  return at === 'copying' ? 'while bytes move' : `after \`${at.kind}\` was ${at.state}`;
}

const victimNames = { engine: 'service', mover: 'mover', worker: 'disk worker' } as const;

/** The cases as a table in Markdown. */
export function killTable(cases: readonly KillCase[]): string {
  const rows = cases.map((each) => [
    each.work,
    each.transport,
    victimNames[each.death.victim],
    momentOf(each),
    leavings[each.leaves],
  ]);
  return [
    '| What runs | Transport | Killed | When | Left after recovery |',
    '|---|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}
