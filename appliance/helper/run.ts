import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ColdframeError } from '#core/error.ts';

const execute = promisify(execFile);

export interface RunOptions {
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

/** Runs a system program, given with its words; throws 'io' with what it said. Returns its output. */
export type Run = (
  command: readonly [string, ...string[]],
  options?: RunOptions,
) => Promise<string>;

export const run: Run = async ([program, ...words], { cwd, timeoutMs = 30_000 } = {}) => {
  try {
    const { stdout } = await execute(program, words, {
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      ...(cwd === undefined ? {} : { cwd }),
    });
    return stdout;
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    const late = cause instanceof Error && 'killed' in cause && cause.killed === true;
    const why = late ? `no end within ${timeoutMs / 1000} s` : said || 'it failed';
    throw new ColdframeError('io', `${program} ${words[0] ?? ''}: ${why}`, { cause });
  }
};
