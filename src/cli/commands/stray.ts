import type { Stray, StrayReleaseView, StrayView } from '#core/strays.ts';

import type { Command, CommandInput, OptionSpec } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { count } from '../format.ts';
import { given } from '../order-options.ts';

const endpoint: OptionSpec = { value: 'NAME', summary: 'only this endpoint (default: all)' };

const releaseWords: Readonly<Record<Stray['release'], string>> = {
  ours: 'yes',
  named: 'when named',
  never: 'no',
};

export const strayCommands: readonly Command[] = [
  {
    name: 'stray list',
    summary: 'What stands in vSphere that nothing accounts for: ours, and what is in the way',
    options: {
      endpoint,
      days: { value: 'N', summary: 'snapshots of others from this age on (default: 7)' },
    },
    examples: ['coldframe stray list', 'coldframe stray list --days 0 --json'],
    notes: [
      'What a task still has to undo stands in the journal and not here. Exit code 3: something of ours\nis left.',
    ],
    async run(input) {
      const { client, output, text } = input;
      const query = new URLSearchParams();
      const [wanted, days] = [text('endpoint'), text('days')];
      if (wanted !== undefined) query.set('endpoint', wanted);
      if (days !== undefined) query.set('foreignAfterDays', days);
      const view = await client.get<StrayView>(`/strays?${query.toString()}`);
      if (output.json) output.document(view);
      else {
        if (view.strays.length === 0) output.note('Nothing is left.');
        else showStrays(input, view.strays);
        showUnreachable(input, view);
      }
      return exitCodeFor(
        view.strays.some(({ release }) => release === 'ours'),
        view,
      );
    },
  },
  {
    name: 'stray release',
    summary: "Release what is coldframe's own: attached disks, snapshots, consolidation",
    arguments: [
      { name: 'ID', summary: 'only these, from "stray list"', optional: true, many: true },
    ],
    options: { endpoint },
    examples: ['coldframe stray release', 'coldframe stray release vm/vm-42'],
    notes: [
      'Without an ID nothing is touched that is not provably made by this appliance. What "stray list"\nshows as "when named" is released when it is named: an unfinished VM is deleted then.',
    ],
    async run(input) {
      const { client, output, text, manyArguments } = input;
      const ids = manyArguments('ID');
      const result = await client.post<StrayReleaseView>(
        '/strays/release',
        given({ endpoint: text('endpoint'), ids: ids.length === 0 ? undefined : ids }),
      );
      if (output.json) output.document(result);
      else {
        output.line(`${count(result.released.length, 'thing')} released.`);
        if (result.released.length > 0) showStrays(input, result.released);
        for (const { stray, reason } of result.left)
          output.line(output.warn(`Not released: ${stray.id}: ${reason}`));
        showUnreachable(input, result);
      }
      const unknown = ids.filter(
        (id) =>
          ![...result.released, ...result.left.map(({ stray }) => stray)].some(
            (stray) => stray.id === id,
          ),
      );
      if (unknown.length > 0)
        output.note(`Not there, or not to be released: ${unknown.join(', ')}`);
      return exitCodeFor(result.left.length > 0 || unknown.length > 0, result);
    },
  },
];

function showStrays({ output }: CommandInput, strays: readonly Stray[]): void {
  output.table(
    [{ title: 'ID' }, { title: 'RELEASE' }, { title: 'WHAT' }],
    strays.map(({ id, release, text }) => [id, releaseWords[release], text]),
  );
}

function showUnreachable(
  { output }: CommandInput,
  { unreachable }: Pick<StrayView, 'unreachable'>,
): void {
  for (const { endpoint: name, reason } of unreachable) output.note(`${name}: ${reason}`);
}

function exitCodeFor(
  remains: boolean,
  { unreachable }: Pick<StrayView, 'unreachable'>,
): typeof exitCodes.warnings | typeof exitCodes.unreachable | undefined {
  if (unreachable.length > 0) return exitCodes.unreachable;
  return remains ? exitCodes.warnings : undefined;
}
