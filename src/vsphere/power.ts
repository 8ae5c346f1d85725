import type { PowerState } from '#core/vm.ts';
import { faultOf } from './fault.ts';
import { readObject } from './properties.ts';
import { runTask } from './run-task.ts';
import { awaitRunningTasks, mayHaveHappened } from './lost-answer.ts';
import { vmRef, type Vim } from './vim.ts';

const powerDeadlineMs = 10 * 60_000;

/** Hard: what the guest has not written is lost. Fine when it is off already. */
export async function powerOff(vim: Vim, vmMoref: string, signal: AbortSignal): Promise<void> {
  await changePower(vim, { vmMoref, operation: 'PowerOffVM_Task', wanted: 'poweredOff' }, signal);
}

/** Fine when it is on already. */
export async function powerOn(vim: Vim, vmMoref: string, signal: AbortSignal): Promise<void> {
  await changePower(vim, { vmMoref, operation: 'PowerOnVM_Task', wanted: 'poweredOn' }, signal);
}

interface PowerChange {
  readonly vmMoref: string;
  readonly operation: string;
  readonly wanted: PowerState;
}

async function changePower(
  vim: Vim,
  { vmMoref, operation, wanted }: PowerChange,
  signal: AbortSignal,
): Promise<void> {
  const vm = vmRef(vmMoref);
  try {
    await runTask(vim, operation, { _this: vm }, { signal, deadlineMs: powerDeadlineMs });
  } catch (error) {
    if (!mayHaveHappened(error) && faultOf(error) !== 'InvalidPowerState') throw error;
    await awaitRunningTasks(vim, vm, { signal, deadlineMs: powerDeadlineMs });
    const { values } = await readObject(vim.connection, vm, {
      paths: ['runtime.powerState'],
      signal,
    });
    if (values['runtime.powerState'] !== wanted) throw error;
  }
}
