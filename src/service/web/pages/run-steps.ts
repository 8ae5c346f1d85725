import { isEnded, type RunRecord, type TaskRecord } from '#core/run.ts';

import { html, type Html } from '../html.ts';

const words: Readonly<Record<RunRecord['kind'], readonly string[]>> = {
  backup: ['Queued', 'Snapshot and disks', 'Copy', 'Clean up', 'Done'],
  restore: ['Queued', 'Prepare the VM', 'Write', 'Read back and clean up', 'Done'],
  verify: ['Queued', 'Open the chain', 'Check', 'Finish', 'Done'],
};

/** Where a run of one VM stands; with several VMs each stands elsewhere. */
export function runSteps(run: RunRecord, tasks: readonly TaskRecord[]): Html | null {
  const [task, ...others] = tasks;
  if (task === undefined || others.length > 0) return null;
  if (isEnded(task.state) && task.state !== 'succeeded' && task.state !== 'warned') return null;
  const at = stepOf(task);
  return html`<ol class="steps">${words[run.kind].map((word, i) => step(word, i, at))}</ol>`;
}

function step(word: string, i: number, at: number): Html {
  if (i < at) return html`<li class="done">${word}</li>`;
  return i === at ? html`<li class="now" aria-current="step">${word}</li>` : html`<li>${word}</li>`;
}

function stepOf({ state, disks }: TaskRecord): number {
  if (isEnded(state)) return 5;
  if (state === 'queued') return 0;
  if (disks.every(({ phase }) => phase === 'opening')) return 1;
  const copied = disks.every(
    ({ phase, doneBytes, totalBytes }) => phase !== 'copying' || doneBytes >= totalBytes,
  );
  return copied ? 3 : 2;
}
