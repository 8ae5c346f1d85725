import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { projectRoot, type Stage } from './stage.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `coldframe ARGS --json` as a user's script would and returns its document. */
export async function coldframe<T>(
  stage: Pick<Stage, 'dataDir'>,
  args: readonly string[],
  input = '',
): Promise<T> {
  const result = await command([...args, '--json', '--data-dir', stage.dataDir], input);
  if (result.code !== 0 && result.code !== 3)
    throw new Error(`coldframe ${args.join(' ')}\n${result.stderr}${result.stdout}`);
  return JSON.parse(result.stdout) as T;
}

/** Runs the command line with exactly these arguments. */
export async function command(args: readonly string[], input = ''): Promise<CommandResult> {
  const child = spawn(join(projectRoot, 'src', 'cli', 'coldframe'), args, {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(input);
  const code = await new Promise<number>((resolve) => {
    child.once('close', (exit) => resolve(exit ?? 1));
  });
  return { code, stdout, stderr };
}
