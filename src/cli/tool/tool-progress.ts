import type { CommandInput } from '../command.ts';
import { Progress } from '../progress.ts';

/** Bars for work that this process does itself. */
export function toolProgress({ output, environment }: CommandInput): Progress {
  return new Progress({
    err: output.json ? { write: () => undefined } : process.stderr,
    live: environment.liveProgress && !output.json,
    columns: process.stderr.columns ?? 100,
    now: () => Date.now(),
  });
}
