import { fork } from 'node:child_process';
import { once } from 'node:events';

import type { Lab } from '#test/lab/lab.ts';
import type { FaultRule } from '#test/lab/server/faults.ts';

import { engineProgram, type ChildEnd } from './die.ts';
import type { ChildOrder } from './engine-child.ts';

/** Vim tasks of a backup or restore: which call begins each, counted from the start of the work. */
const vimTasks = {
  'takes the snapshot': { on: 'CreateSnapshot_Task' },
  'attaches the disks': { on: 'ReconfigVM_Task', object: 'coldframe' },
  'detaches the disks': { on: 'ReconfigVM_Task', object: 'coldframe', skip: 1 },
  'removes the snapshot': { on: 'RemoveSnapshot_Task' },
  'makes the VM': { on: 'CreateVM_Task' },
  'powers the VM off': { on: 'PowerOffVM_Task' },
} as const satisfies Readonly<Record<string, Omit<FaultRule, 'action'>>>;

/** Where vSphere is when the service dies. `done`: carried out, and nobody was there to hear of it. */
export interface VimMoment {
  readonly doing: keyof typeof vimTasks;
  readonly state: 'queued' | 'running' | 'done';
}

/** So long that it goes on while coldframe starts again; what is done at death may be quick. */
const slowMs = { queued: 4500, running: 4500, done: 600 } as const;

/** Runs the order and kills the engine's process at that moment of vSphere's. */
export async function runEngineUntil(
  order: ChildOrder,
  lab: Lab,
  { doing, state }: VimMoment,
): Promise<ChildEnd> {
  const rule = vimTasks[doing];
  await lab.addFaults([{ ...rule, action: { kind: 'task-slow', ms: slowMs[state] } }]);
  const child = fork(engineProgram, [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
  });
  const exited = once(child, 'exit');
  child.send(order);
  await until(async () => (await lab.unusedFaults()).length === 0);
  child.kill('SIGSTOP'); // it hears nothing any more
  await until(async () => {
    const { vimTasks: underWay } = await lab.state();
    const its = underWay.find(({ name }) => name === rule.on);
    return state === 'done' ? its === undefined : its?.state === state;
  });
  child.kill('SIGKILL');
  const [, signal] = (await exited) as [number | null, string | null];
  if (signal === null) throw new Error('The engine process ended before it was killed.');
  return { type: 'killed', signal };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
