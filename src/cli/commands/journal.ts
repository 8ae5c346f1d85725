import type { JournalView, RecoveryView } from '#core/api.ts';
import type { JournalEntry } from '#core/journal.ts';

import type { Command, CommandInput } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { count, timeText } from '../format.ts';

export const journalCommands: readonly Command[] = [
  {
    name: 'journal',
    summary: 'What coldframe has done to vSphere and must still undo',
    options: { all: { summary: 'also what was undone lately' } },
    examples: ['coldframe journal', 'coldframe journal --all --json'],
    notes: [
      'Entries of tasks that are running are normal. Others are undone by "coldframe recover", which also\nruns by itself when the service starts.',
    ],
    async run(input) {
      const view = await input.client.get<JournalView>('/journal');
      const { output } = input;
      if (output.json) output.document(view);
      else {
        if (view.open.length === 0) output.note('Nothing is open.');
        else table(input, view.open);
        if (input.flag('all') && view.recent.length > 0) {
          output.line();
          table(input, view.recent);
        }
      }
      return undefined;
    },
  },
  {
    name: 'recover',
    summary: 'Undo now what a crash or a failure left behind',
    examples: ['coldframe recover'],
    async run(input) {
      const { output } = input;
      const result = await input.client.post<RecoveryView>('/journal/recover');
      const stuck = result.open.filter((entry) => entry.lastFailure !== undefined);
      if (output.json) output.document(result);
      else {
        output.line(`${count(result.undone, 'entry', 'entries')} undone.`);
        if (result.open.length > 0) table(input, result.open);
      }
      return stuck.length > 0 ? exitCodes.warnings : exitCodes.ok;
    },
  },
];

function table({ output }: CommandInput, entries: readonly JournalEntry[]): void {
  output.table(
    [
      { title: 'SINCE' },
      { title: 'KIND' },
      { title: 'STATE' },
      { title: 'ABOUT' },
      { title: 'WHY NOT UNDONE' },
    ],
    entries.map((entry) => [
      timeText(entry.createdAtMs),
      entry.kind,
      entry.state,
      about(entry),
      entry.lastFailure ?? '',
    ]),
  );
}

function about({ detail }: JournalEntry): string {
  return Object.values(detail)
    .filter((value) => typeof value === 'string')
    .join(' ');
}
