import type { JournalKind, JournalState } from '#core/journal.ts';

import type { ChildOrder, Death } from './engine-child.ts';
import type { VimMoment } from './vim-moment.ts';

type Transport = ChildOrder['work']['transports'][number];

/** What is there after a death and the recovery from it; the key is what a test asserts. */
export const leavings = {
  nothing: 'nothing',
  'restore-point': 'the restore point, listed and verified',
  'nothing-or-restore-point': 'nothing, or the whole restore point, listed and verified',
  'no-vm': 'no VM; the restore point as it was',
  'vm-as-before': 'the VM as it was, running',
  'marked-vm': 'the VM, marked as unfinished and powered off, until it is restored again',
} as const;

/** What has become of vSphere when coldframe runs again. */
export type Restart = 'at once' | 'vCenter down first' | 'disks and snapshot removed by hand';

export interface KillCase {
  readonly work: 'backup' | 'restore to a new VM' | 'restore in place';
  readonly transport: Transport;
  readonly death:
    | Exclude<Death, { readonly victim: 'nobody' }>
    | { readonly victim: 'engine'; readonly at: VimMoment };
  readonly restart: Restart;
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
  ['disable-migration', 'intended'],
  ['disable-migration', 'done'],
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
      restart: 'at once',
      leaves: victim === 'engine' ? 'nothing-or-restore-point' : 'nothing',
    })),
  ),
  ...restoreSteps.map(([kind, state]): KillCase =>
    toNewVm({ victim: 'engine', at: { kind, state } }),
  ),
  ...victims.map((victim) => toNewVm({ victim, at: 'copying' })),
  ...victims.map((victim) => toNewVm({ victim, at: 'copying' }, 'hotadd-vddk')),
  ...whileVimTasks('backup', ['takes the snapshot', 'attaches the disks'], 'nothing'),
  ...whileVimTasks('backup', ['detaches the disks', 'removes the snapshot'], 'restore-point'),
  ...whileVimTasks('restore to a new VM', ['makes the VM', 'attaches the disks'], 'no-vm'),
  ...whileVimTasks('restore in place', ['powers the VM off'], 'vm-as-before'),
  inPlace({ kind: 'power-off', state: 'intended' }, 'vm-as-before'),
  inPlace({ kind: 'power-off', state: 'done' }, 'vm-as-before'),
  inPlace('copying', 'marked-vm'),
  ...restarts(['snapshot', 'done'], 'nothing'),
  ...restarts(['attach', 'done'], 'nothing'),
  ...restarts(['partial-archive', 'done'], 'restore-point'),
];

/** The service is killed while vSphere is at a vim task that it began. */
function whileVimTasks(
  work: KillCase['work'],
  doing: readonly VimMoment['doing'][],
  leaves: KillCase['leaves'],
): readonly KillCase[] {
  return doing.flatMap((each) =>
    (['queued', 'running', 'done'] as const).map((state): KillCase => ({
      work,
      transport: 'hotadd-own',
      death: { victim: 'engine', at: { doing: each, state } },
      restart: 'at once',
      leaves,
    })),
  );
}

/** The same step, with vSphere in another state when coldframe runs again. */
function restarts(
  step: readonly [JournalKind, JournalState],
  leaves: KillCase['leaves'],
): readonly KillCase[] {
  return (['vCenter down first', 'disks and snapshot removed by hand'] as const).map((restart) => ({
    ...backupStep('hotadd-own', step),
    restart,
    leaves,
  }));
}

function inPlace(
  at: 'copying' | { readonly kind: JournalKind; readonly state: JournalState },
  leaves: KillCase['leaves'],
): KillCase {
  return {
    work: 'restore in place',
    transport: 'hotadd-own',
    death: { victim: 'engine', at },
    restart: 'at once',
    leaves,
  };
}

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
    restart: 'at once',
    leaves: committed ? 'restore-point' : 'nothing',
  };
}

function toNewVm(death: KillCase['death'], transport: Transport = 'hotadd-own'): KillCase {
  return { work: 'restore to a new VM', transport, death, restart: 'at once', leaves: 'no-vm' };
}

export function momentOf({ death: { at } }: KillCase): string {
  if (at === 'copying') return 'while bytes move';
  if ('doing' in at) return `while the vim task that ${at.doing} is ${at.state}`;
  return `after \`${at.kind}\` was ${at.state}`;
}

const victimNames = { engine: 'service', mover: 'mover', worker: 'disk worker' } as const;

/** The cases as a table in Markdown. */
export function killTable(cases: readonly KillCase[]): string {
  const rows = cases.map((each) => [
    each.work,
    each.transport,
    victimNames[each.death.victim],
    momentOf(each),
    each.restart,
    leavings[each.leaves],
  ]);
  return [
    '| What runs | Transport | Killed | When | Started again | Left after recovery |',
    '|---|---|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}
