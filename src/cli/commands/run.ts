import type { RunList, RunLogView, RunView } from '#core/api.ts';
import type { RunRecord } from '#core/run.ts';

import type { Command } from '../command.ts';
import { exitCodeOfView, followRun } from '../follow-run.ts';
import { durationText, timeText } from '../format.ts';
import { printable } from '../output.ts';
import { showRun, stateText } from '../show-run.ts';

const id = { name: 'ID', summary: 'id of the run' };

export const runCommands: readonly Command[] = [
  {
    name: 'run list',
    summary: 'List runs, newest first',
    options: { limit: { value: 'N', summary: 'at most so many (default 20)' } },
    examples: ['coldframe run list', 'coldframe run list --limit 5 --json'],
    async run({ client, output, text }) {
      const limit = text('limit') ?? '20';
      const { runs } = await client.get<RunList>(`/runs?limit=${encodeURIComponent(limit)}`);
      if (output.json) output.document(runs);
      else if (runs.length === 0) output.note('Nothing has run yet.');
      else
        output.table(
          [
            { title: 'STARTED' },
            { title: 'TOOK' },
            { title: 'STATE' },
            { title: 'WHAT' },
            { title: 'ID' },
          ],
          runs.map((run) => [
            timeText(run.startedAtMs ?? run.createdAtMs),
            took(run),
            stateText(output, run.state),
            run.title,
            run.id,
          ]),
        );
      return undefined;
    },
  },
  {
    name: 'run show',
    summary: 'A run and its tasks',
    arguments: [id],
    options: {
      follow: { short: 'f', summary: 'follow it until it ends' },
      log: { summary: 'show its log too' },
    },
    examples: [
      'coldframe run show ID',
      'coldframe run show ID --follow',
      'coldframe run show ID --log',
    ],
    notes: ['The exit code tells how the run ended, as for the command that ordered it.'],
    async run(input) {
      const { client, output, argument, flag } = input;
      if (flag('follow')) return followRun(input, argument('ID'));
      const path = `/runs/${encodeURIComponent(argument('ID'))}`;
      const view = await client.get<RunView>(path);
      const log = flag('log') ? await client.get<RunLogView>(`${path}/log`) : undefined;
      if (output.json) output.document(log === undefined ? view : { ...view, log: log.lines });
      else {
        showRun(output, view);
        if (log !== undefined) output.line();
        for (const line of log?.lines ?? [])
          output.line(
            `${timeText(line.timeMs)} ${line.level.padEnd(5)} ${printable(line.message)}`,
          );
      }
      return exitCodeOfView(view);
    },
  },
  {
    name: 'run cancel',
    summary: 'Ask a run to stop and to clean up what it began',
    arguments: [id],
    examples: ['coldframe run cancel ID'],
    async run({ client, output, argument }) {
      const path = `/runs/${encodeURIComponent(argument('ID'))}/cancel`;
      const run = await client.post<RunRecord>(path);
      if (output.json) output.document(run);
      else
        output.line(
          `${printable(run.title)} is asked to stop. It removes its snapshot first; see: coldframe run show ${run.id} --follow`,
        );
      return undefined;
    },
  },
];

function took(run: RunRecord): string {
  if (run.startedAtMs === undefined) return '';
  return durationText((run.endedAtMs ?? Date.now()) - run.startedAtMs);
}
