import type { RunView } from '#core/api.ts';
import type { RunState, TaskRecord } from '#core/run.ts';

import { bytesText, count, durationText, rateText, timeText } from './format.ts';
import { printable, type Output } from './output.ts';

/** What became of a run, for a person. */
export function showRun(output: Output, { run, tasks }: RunView): void {
  output.line(`${output.bold(printable(run.title))}: ${stateText(output, run.state)}`);
  const facts: (readonly [string, string])[] = [['Run', run.id]];
  if (run.startedAtMs !== undefined) facts.push(['Started', timeText(run.startedAtMs)]);
  if (run.startedAtMs !== undefined && run.endedAtMs !== undefined)
    facts.push(['Took', durationText(run.endedAtMs - run.startedAtMs)]);
  output.facts(facts);
  for (const task of tasks) showTask(output, task);
}

function showTask(output: Output, task: TaskRecord): void {
  output.line();
  output.line(`${output.bold(printable(task.subject))}: ${stateText(output, task.state)}`);
  const { result } = task;
  const text = (name: string): string | undefined => {
    const value = result?.[name];
    return typeof value === 'string' ? value : undefined;
  };
  const number = (name: string): number | undefined => {
    const value = result?.[name];
    return typeof value === 'number' ? value : undefined;
  };
  const facts: (readonly [string, string | undefined])[] = [
    ['Restore point', text('restorePointId')],
    ['Kind', text('kind')],
    ['Consistency', text('consistency')],
    ['Archive', archiveText(text('path'), number('archiveBytes'))],
    ['Read', readText(number('readBytes'), number('durationMs'), text('kind'))],
    ['Checked', checkedText(number('checkedBytes'), number('durationMs'))],
    ['New full', syntheticText(result?.['synthetic'])],
    ['Retention', prunedText(result?.['pruned'])],
    ['VM', vmText(text('vmName'), text('vmMoref'))],
  ];
  const known = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [[`  ${name}`, value] as const],
  );
  if (known.length > 0) output.facts(known);
  for (const line of diskLines(result?.['disks'])) output.line(`  ${printable(line)}`);
  for (const warning of task.warnings)
    output.line(`  ${output.warn('Warning:')} ${printable(warning)}`);
  for (let error = task.error, word = 'Error:'; error !== undefined; error = error.cause) {
    output.line(`  ${output.bad(word)} ${printable(error.message)}`);
    word = 'because:';
  }
}

/** Results come from the API as plain JSON; what is not there is not shown. */
function diskLines(disks: unknown): string[] {
  if (!Array.isArray(disks)) return [];
  return disks.map((disk: Readonly<Record<string, unknown>>) => {
    const part = (name: string): string => (typeof disk[name] === 'string' ? disk[name] : '');
    const bytes = (name: string, words: string): string =>
      typeof disk[name] === 'number' ? `${bytesText(disk[name])} ${words}` : '';
    const facts = [
      part('mode') && `${part('mode')}: ${part('modeReason')}`,
      part('method') && `${part('method')}: ${part('methodReason')}`,
      part('transport') &&
        `by ${part('transport')}${part('transportReason') && ` (${part('transportReason')})`}`,
      bytes('writtenBytes', 'written'),
      disk['sameBytes'] !== 0 && bytes('sameBytes', 'left alone, being the same already'),
      bytes('provenBytes', 'proven by reading back'),
    ];
    return `${part('label')}  ${facts.filter(Boolean).join(', ')}`;
  });
}

function archiveText(path: string | undefined, bytes: number | undefined): string | undefined {
  return path === undefined ? undefined : `${path} (${bytesText(bytes ?? 0)})`;
}

/** A synthetic full that was made after the backup. */
function syntheticText(synthetic: unknown): string | undefined {
  if (typeof synthetic !== 'object' || synthetic === null) return undefined;
  const { path, archiveBytes, reason } = synthetic as Readonly<Record<string, unknown>>;
  if (typeof path !== 'string' || typeof archiveBytes !== 'number') return undefined;
  return `${path} (${bytesText(archiveBytes)}), made from the chain: ${String(reason)}`;
}

/** What retention did after the backup. */
function prunedText(pruned: unknown): string | undefined {
  if (typeof pruned !== 'object' || pruned === null) return undefined;
  const { removed, kept, freedBytes } = pruned as Readonly<Record<string, unknown>>;
  if (!Array.isArray(removed) || typeof kept !== 'number') return undefined;
  const freed = typeof freedBytes === 'number' ? `, ${bytesText(freedBytes)} freed` : '';
  if (removed.length === 0) return `${count(kept, 'restore point')} kept, none removed`;
  return `${count(kept, 'restore point')} kept, ${removed.length} removed${freed}`;
}

function readText(
  bytes: number | undefined,
  ms: number | undefined,
  kind?: string,
): string | undefined {
  if (bytes === undefined || ms === undefined) return undefined;
  if (bytes === 0)
    return kind === 'incremental'
      ? 'nothing: no block had changed'
      : 'nothing: the disks hold only zeros';
  return `${bytesText(bytes)} in ${durationText(ms)}${ms > 0 ? `, ${rateText((bytes * 1000) / ms)}` : ''}`;
}

function checkedText(bytes: number | undefined, ms: number | undefined): string | undefined {
  return bytes === 0 ? 'the archives; they map no disk data' : readText(bytes, ms);
}

function vmText(name: string | undefined, moref: string | undefined): string | undefined {
  return name === undefined ? undefined : `${name} (${moref ?? 'new'})`;
}

const words: Readonly<Record<RunState, string>> = {
  queued: 'waiting',
  running: 'running',
  succeeded: 'done',
  warned: 'done, with warnings',
  failed: 'failed',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
};

export function stateText(output: Output, state: RunState): string {
  const word = words[state];
  if (state === 'succeeded') return output.good(word);
  if (state === 'queued' || state === 'running') return word;
  return state === 'warned' ? output.warn(word) : output.bad(word);
}
