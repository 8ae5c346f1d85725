import { ColdframeError } from '#core/error.ts';
import type { Moref } from '#core/vm.ts';
import { faultOf } from './fault.ts';

/** A failure that a new attempt would not change, for whatever task. */
export function isFinal(error: unknown): boolean {
  return (
    error instanceof ColdframeError &&
    ['login-refused', 'certificate-changed', 'internal', 'invalid-input'].includes(error.code)
  );
}

/** A refusal that a new collector would not change. */
export function isAboutTask(error: unknown): boolean {
  const fault = faultOf(error);
  return fault !== undefined && !['ManagedObjectNotFound', 'NotAuthenticated'].includes(fault);
}

/** ManagedObjectNotFound names the task, or a collector that went with an old login. */
export function namesTask(error: unknown, task: Moref): boolean {
  if (faultOf(error) !== 'ManagedObjectNotFound') return false;
  const entity = error instanceof ColdframeError ? error.details['entity'] : undefined;
  return (entity as Moref | undefined)?.value === task.value;
}

export function notHeardOf(task: Moref, silentMs: number, cause: unknown): ColdframeError {
  return new ColdframeError(
    'unreachable',
    `Nothing was heard of the vim task ${task.value} for ${Math.round(silentMs / 60_000)} minutes, because vSphere kept answering badly; how it ended is unknown. Look at the tasks in the vSphere Client, and at vCenter's health.`,
    { details: { task: task.value, outcome: 'unknown' }, cause },
  );
}

export function taskForgotten(task: Moref, cause?: unknown): ColdframeError {
  return new ColdframeError(
    'not-found',
    `vSphere no longer knows the vim task ${task.value}, so how it ended is unknown.`,
    { details: { task: task.value, outcome: 'unknown' }, cause },
  );
}
