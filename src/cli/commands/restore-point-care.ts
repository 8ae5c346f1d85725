import type { RestorePointView } from '#core/api.ts';

import type { Command, CommandInput } from '../command.ts';
import { timeText } from '../format.ts';
import { printable } from '../output.ts';
import { usageError } from '../parse-command-line.ts';
import { confirm } from '../prompt.ts';

const id = { name: 'ID', summary: 'id from "coldframe restore-point list"' };

export const restorePointCareCommands: readonly Command[] = [
  {
    name: 'restore-point pin',
    summary: 'Keep a restore point, and all that it builds on, until it is unpinned',
    arguments: [id],
    options: { note: { value: 'TEXT', summary: 'why, for the person who asks later' } },
    examples: ['coldframe restore-point pin k3v7q2m5xw4hzabc --note "before the upgrade"'],
    notes: [
      'Pins are kept in the catalog and not in the archives: they outlive a rebuild, but not the loss\nof the data folder.',
    ],
    async run(input) {
      const note = input.text('note') ?? '';
      const point = await input.client.patch<RestorePointView>(pathOf(input), {
        pinned: true,
        note,
      });
      return tell(input, point, 'is pinned');
    },
  },
  {
    name: 'restore-point unpin',
    summary: 'Leave a restore point to retention again',
    arguments: [id],
    examples: ['coldframe restore-point unpin k3v7q2m5xw4hzabc'],
    async run(input) {
      const point = await input.client.patch<RestorePointView>(pathOf(input), { pinned: false });
      return tell(input, point, 'is no longer pinned');
    },
  },
  {
    name: 'restore-point remove',
    summary: 'Remove a restore point and its archive for good',
    arguments: [id],
    options: {
      'even-last': { summary: 'also when it is the last good one of its VM' },
      yes: { summary: 'do not ask' },
    },
    examples: [
      'coldframe restore-point remove k3v7q2m5xw4hzabc',
      'coldframe restore-point remove k3v7q2m5xw4hzabc --yes --even-last',
    ],
    notes: [
      'Refused while another restore point builds on it, while it is pinned, and while a run reads it.',
    ],
    async run(input) {
      const point = await input.client.get<RestorePointView>(pathOf(input));
      const what = `${point.header.vm.name} of ${timeText(point.header.createdAtMs)}`;
      if (!input.flag('yes')) {
        if (!input.environment.interactive)
          throw usageError('There is no terminal to ask whether you are sure. Give --yes.');
        if (!(await confirm(input, `Remove ${printable(what)} (${point.path}) for good?`)))
          throw usageError('Not confirmed; nothing was removed.');
      }
      const query = input.flag('even-last') ? '?evenLast=true' : '';
      await input.client.delete(`${pathOf(input)}${query}`);
      input.output.note(`Removed ${printable(what)}.`);
      return undefined;
    },
  },
];

function pathOf(input: CommandInput): string {
  return `/restore-points/${encodeURIComponent(input.argument('ID'))}`;
}

function tell({ output }: CommandInput, point: RestorePointView, word: string): undefined {
  const { vm, createdAtMs } = point.header;
  if (output.json) output.document(point);
  else output.line(`${printable(vm.name)} of ${timeText(createdAtMs)} ${word}.`);
}
