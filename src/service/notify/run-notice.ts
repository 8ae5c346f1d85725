import type { Notice, Severity } from '#core/notice.ts';
import type { RunRecord, RunState, TaskRecord } from '#core/run.ts';

const severityOf: Readonly<Record<RunState, Severity>> = {
  queued: 'good',
  running: 'good',
  succeeded: 'good',
  warned: 'warning',
  cancelled: 'warning',
  failed: 'failure',
  interrupted: 'failure',
};

const words: Readonly<Record<RunState, string>> = {
  queued: 'is queued',
  running: 'is running',
  succeeded: 'is done',
  warned: 'is done with warnings',
  cancelled: 'was cancelled',
  failed: 'failed',
  interrupted: 'was interrupted',
};

const mostLines = 50;

/** What a run that has ended says to people: first what went wrong, VM by VM. */
export function runNotice(run: RunRecord, tasks: readonly TaskRecord[], id: string): Notice {
  const worstFirst = tasks.toSorted((a, b) => rank(a.state) - rank(b.state));
  const lines = worstFirst.flatMap(linesOf);
  const good = tasks.filter(({ state }) => state === 'succeeded').length;
  const more = lines.length > mostLines ? [`… and ${lines.length - mostLines} lines more`] : [];
  return {
    id,
    kind: 'run',
    severity: severityOf[run.state],
    timeMs: run.endedAtMs ?? run.createdAtMs,
    title: `${run.title} ${words[run.state]}`,
    text: [
      `${good} of ${tasks.length} done without a warning.`,
      ...lines.slice(0, mostLines),
      ...more,
      `More: coldframe run show ${run.id}`,
    ].join('\n'),
    runId: run.id,
  };
}

function linesOf({ subject, state, warnings, error }: TaskRecord): string[] {
  if (state === 'succeeded') return [];
  const reason = error === undefined ? [] : [`  ${error.message}`];
  return [`${subject} ${words[state]}`, ...reason, ...warnings.map((text) => `  ${text}`)];
}

function rank(state: RunState): number {
  const worst: readonly RunState[] = ['failed', 'interrupted', 'cancelled', 'warned'];
  return worst.includes(state) ? worst.indexOf(state) : worst.length;
}
