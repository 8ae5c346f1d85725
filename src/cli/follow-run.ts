import type { RunEvent, RunView } from '#core/api.ts';
import { isEnded, type RunRecord, type TaskRecord } from '#core/run.ts';

import type { CommandInput } from './command.ts';
import { exitCodeOf, exitCodeOfRun, exitCodes, type ExitCode } from './exit-codes.ts';
import { Progress } from './progress.ts';
import { showRun } from './show-run.ts';

/** Follows a run that was just ordered, unless it was only to be started; prints what came of it. */
export async function afterOrder(input: CommandInput, run: RunRecord): Promise<ExitCode> {
  if (!input.flag('detach')) return followRun(input, run.id);
  if (input.output.json) input.output.document(run);
  else
    input.output.line(
      `Run ${run.id} is queued. Follow it with: coldframe run show ${run.id} --follow`,
    );
  return exitCodes.ok;
}

/** The exit code is that of the first task that failed: scripts learn the kind of failure. */
export async function followRun(input: CommandInput, runId: string): Promise<ExitCode> {
  const { client, output, environment } = input;
  const subjects = new Map<string, string>();
  const progress = new Progress({
    err: output.json ? { write: () => undefined } : process.stderr,
    live: environment.liveProgress && !output.json,
    columns: process.stderr.columns ?? 100,
    now: () => Date.now(),
  });
  try {
    for await (const event of client.events<RunEvent>(
      `/runs/${encodeURIComponent(runId)}/events`,
    )) {
      if (event.type === 'task') subjects.set(event.task.id, event.task.subject);
      else if (event.type === 'progress')
        progress.update(subjects.get(event.taskId) ?? '', event.disk);
      else if (event.type === 'log') progress.say(event.line.message);
      else if (isEnded(event.run.state)) break;
    }
  } catch (error) {
    if (!input.signal.aborted) throw error;
    progress.end();
    output.note(`The run goes on without you. Stop it with: coldframe run cancel ${runId}`);
    return exitCodes.cancelled;
  } finally {
    progress.end();
  }
  const view = await client.get<RunView>(`/runs/${encodeURIComponent(runId)}`);
  if (output.json) output.document(view);
  else showRun(output, view);
  return exitCodeOfView(view);
}

export function exitCodeOfView({ run, tasks }: RunView): ExitCode {
  const failed: TaskRecord | undefined = tasks.find(({ state }) => state === 'failed');
  return failed?.error === undefined ? exitCodeOfRun(run.state) : exitCodeOf(failed.error.code);
}
