import type { RetentionSimulation } from '#core/api.ts';

import type { Command, CommandInput } from '../command.ts';
import { count, timeText } from '../format.ts';
import {
  chainOption,
  fullOptions,
  keepOptions,
  keepText,
  numberOf,
  policyOf,
  scheduleOf,
  whenOptions,
} from '../job-options.ts';
import { given } from '../order-options.ts';

export const retentionCommand: Command = {
  name: 'retention simulate',
  summary: 'Show what a policy keeps, now and in the coming days; removes nothing',
  options: {
    job: { value: 'NAME', summary: 'begin with what this job says' },
    vm: { value: 'NAME', summary: 'begin with the restore points of this VM' },
    repository: { value: 'NAME', summary: 'where those lie, when there are several' },
    ...whenOptions,
    ...keepOptions,
    'max-chain': chainOption,
    fulls: fullOptions['fulls']!,
    days: { value: 'N', summary: 'how far to look ahead (default 400)' },
  },
  examples: [
    'coldframe retention simulate --job nightly --vm demo-app',
    'coldframe retention simulate --schedule "0 22 * * *" --keep-daily 7 --keep-monthly 12',
    'coldframe retention simulate --job nightly --keep-weekly 8 --days 100 --json',
  ],
  notes: ['Any --keep is a policy of its own: the rules of the job do not count then.'],
  async run(input) {
    const { client, output, text } = input;
    const simulation = await client.post<RetentionSimulation>(
      '/retention-simulations',
      given({
        job: text('job'),
        vm: text('vm'),
        repository: text('repository'),
        retention: policyOf(input),
        schedule: scheduleOf(input),
        maxChainLength: numberOf(input, 'max-chain'),
        fulls: text('fulls'),
        days: numberOf(input, 'days'),
      }),
    );
    if (output.json) output.document(simulation);
    else show(input, simulation);
    return undefined;
  },
};

function show({ output, text }: CommandInput, simulation: RetentionSimulation): void {
  const { policy, now, coming } = simulation;
  output.facts([['Keeps', `${keepText(policy)} (${policy.timeZone})`]]);
  const goes = new Map(coming?.points.map(({ id, goneAtMs }) => [id, goneAtMs]));
  if (text('vm') !== undefined) {
    output.line();
    if (now.length === 0) output.line('There is no restore point of it yet.');
    else
      output.table(
        [
          { title: 'TIME' },
          { title: 'NOW' },
          ...(coming === undefined ? [] : [{ title: 'GOES' }]),
          { title: 'WHY' },
          { title: 'ID' },
        ],
        now.map(({ id, createdAtMs, keep, why }) => {
          const gone = goes.get(id);
          return [
            timeText(createdAtMs),
            keep ? output.good('kept') : output.warn('goes'),
            ...(coming === undefined ? [] : [gone === undefined ? 'stays' : timeText(gone)]),
            why,
            id,
          ];
        }),
      );
  }
  if (coming === undefined) {
    output.note('Give a schedule, or a job that has one, to see the coming days.');
    return;
  }
  const left = coming.points.filter(({ goneAtMs }) => goneAtMs === undefined);
  const most = Math.max(0, ...coming.counts.map(({ points }) => points));
  output.line();
  output.line(
    `In ${count(coming.days, 'day')}: ${count(coming.counts.length, 'run')}, at most ${count(most, 'restore point')} at a time, ${left.length} at the end:`,
  );
  for (const { createdAtMs } of left.toReversed()) output.line(`  ${timeText(createdAtMs)}`);
}
