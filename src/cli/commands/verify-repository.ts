import type { RepositoryConfig } from '#core/config.ts';
import type { RunRecord } from '#core/run.ts';

import type { Command, CommandInput, OptionSpec } from '../command.ts';
import { afterOrder } from '../follow-run.ts';
import { scheduleOf, whenOptions } from '../job-options.ts';
import { detachOption, given } from '../order-options.ts';
import { usageError } from '../parse-command-line.ts';

const name = { name: 'NAME', summary: 'name or id of the repository' };
const limits: Readonly<Record<string, OptionSpec>> = {
  hours: { value: 'N', summary: 'begin nothing new after so many hours' },
  'again-after': { value: 'DAYS', summary: 'leave archives alone that were read since' },
};

export const verifyRepositoryCommands: readonly Command[] = [
  {
    name: 'repository verify',
    summary: 'Read the archives of a repository and check every digest, oldest proof first',
    arguments: [name],
    options: { ...limits, detach: detachOption },
    examples: [
      'coldframe repository verify main',
      'coldframe repository verify main --hours 2 --again-after 30',
    ],
    notes: [
      'What is not reached in time is first next time; an archive that was begun goes on where it was left.',
    ],
    async run(input) {
      const run = await input.client.post<RunRecord>('/verifications', {
        repository: input.argument('NAME'),
        ...limitsOf(input),
      });
      return afterOrder(input, run);
    },
  },
  {
    name: 'repository verify-schedule',
    summary: 'Choose when the archives of a repository are read and checked again',
    arguments: [name],
    options: { ...whenOptions, ...limits, off: { summary: 'only when asked to' } },
    examples: [
      'coldframe repository verify-schedule main --schedule "0 8 * * *" --hours 4 --again-after 30',
      'coldframe repository verify-schedule main --off',
    ],
    async run(input) {
      const { client, output, argument, flag } = input;
      const schedule = scheduleOf(input);
      if (schedule === undefined && !flag('off'))
        throw usageError('Say when, with --schedule, or --off.');
      const path = `/repositories/${encodeURIComponent(argument('NAME'))}/verification`;
      const plan = flag('off') ? null : { schedule, ...limitsOf(input) };
      const repository = await client.patch<RepositoryConfig>(path, { plan });
      if (output.json) output.document(repository);
      else output.line(planText(repository));
      return undefined;
    },
  },
  {
    name: 'repository sums',
    summary: 'Keep a file SHA256SUMS beside the archives, for "sha256sum -c"',
    arguments: [name],
    options: { off: { summary: 'not for new archives any more' } },
    examples: ['coldframe repository sums main', 'coldframe repository sums main --off'],
    notes: ['One file for each VM. It costs two thirds of a CPU second per GiB that is written.'],
    async run({ client, output, argument, flag }) {
      const path = `/repositories/${encodeURIComponent(argument('NAME'))}/sums`;
      const repository = await client.patch<RepositoryConfig>(path, { sums: !flag('off') });
      if (output.json) output.document(repository);
      else
        output.line(
          repository.sums === true
            ? `New archives of ${repository.name} are listed in SHA256SUMS.`
            : `New archives of ${repository.name} are not listed in SHA256SUMS.`,
        );
      return undefined;
    },
  },
];

function limitsOf(input: CommandInput): Readonly<Record<string, unknown>> {
  return given({
    hours: numberIn(input, 'hours'),
    againAfterDays: numberIn(input, 'again-after'),
  });
}

function numberIn(input: CommandInput, option: string): number | undefined {
  const text = input.text(option);
  if (text === undefined) return undefined;
  if (!/^\d{1,4}(\.\d{1,3})?$/.test(text))
    throw usageError(`--${option} must be a number, not "${text}".`);
  return Number(text);
}

function planText({ name: which, verification }: RepositoryConfig): string {
  if (verification === undefined) return `${which} is verified only when asked to.`;
  const { schedule, hours, againAfterDays } = verification;
  return `${which} is verified at ${schedule.cron} (${schedule.timeZone}) for up to ${hours} hours; a proof lasts ${againAfterDays} days.`;
}
