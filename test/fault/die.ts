import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { ChildOrder, ChildReport } from './engine-child.ts';

export const engineProgram = fileURLToPath(new URL('engine-child.ts', import.meta.url));

/** How the engine process of a fault test ended: with a report, or by a signal. */
export type ChildEnd = ChildReport | { readonly type: 'killed'; readonly signal: string };

/** Runs the order in an engine process of its own and waits until that has ended. */
export async function runEngine(order: ChildOrder): Promise<ChildEnd> {
  const child = fork(engineProgram, [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
  });
  let report: ChildReport | undefined;
  child.on('message', (message) => (report = message as ChildReport));
  const exited = once(child, 'exit');
  child.send(order);
  const [, signal] = (await exited) as [number | null, string | null];
  if (signal !== null) return { type: 'killed', signal };
  if (report === undefined) throw new Error('The engine process ended without a report.');
  return report;
}
