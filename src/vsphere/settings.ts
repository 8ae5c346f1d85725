import { extraValue } from './extra-config.ts';
import { readObject } from './properties.ts';
import { runTask } from './run-task.ts';
import { awaitRunningTasks, mayHaveHappened } from './lost-answer.ts';
import type { VimObject, VimValue } from './value.ts';
import { vmRef, type Vim } from './vim.ts';

const reconfigureDeadlineMs = 10 * 60_000;

/** Takes effect with the VM's next stun: power-on, or a snapshot made or removed. */
export async function setChangeTracking(
  vim: Vim,
  { vmMoref, enabled }: { readonly vmMoref: string; readonly enabled: boolean },
  signal: AbortSignal,
): Promise<void> {
  await reconfigure(
    vim,
    vmMoref,
    { changeTrackingEnabled: enabled },
    {
      signal,
      path: 'config.changeTrackingEnabled',
      reached: (value) => value === enabled,
    },
  );
}

/** Sets an extraConfig key; an empty value removes it. */
export async function setExtraConfig(
  vim: Vim,
  {
    vmMoref,
    key,
    value,
  }: { readonly vmMoref: string; readonly key: string; readonly value: string },
  signal: AbortSignal,
): Promise<void> {
  await reconfigure(
    vim,
    vmMoref,
    { extraConfig: [{ key, value }] },
    {
      signal,
      path: 'config.extraConfig',
      reached: (options) => (extraValue(options, key) ?? '') === value,
    },
  );
}

interface Verification {
  readonly signal: AbortSignal;
  /** Property that shows after a lost answer whether the change was made. */
  readonly path: string;
  readonly reached: (value: VimValue | undefined) => boolean;
}

async function reconfigure(
  vim: Vim,
  vmMoref: string,
  spec: VimObject,
  { signal, path, reached }: Verification,
): Promise<void> {
  const vm = vmRef(vmMoref);
  try {
    await runTask(
      vim,
      'ReconfigVM_Task',
      { _this: vm, spec },
      { signal, deadlineMs: reconfigureDeadlineMs },
    );
  } catch (error) {
    if (!mayHaveHappened(error)) throw error;
    await awaitRunningTasks(vim, vm, { signal, deadlineMs: reconfigureDeadlineMs });
    const { values } = await readObject(vim.connection, vm, { paths: [path], signal });
    if (!reached(values[path])) throw error;
  }
}
