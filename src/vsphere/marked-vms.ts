import { ColdframeError } from '#core/error.ts';
import type { VmTraces } from '#core/strays.ts';
import { extraValue, markerKey } from './extra-config.ts';
import { faultOf } from './fault.ts';
import { vmIdentity } from './identity.ts';
import { awaitRunningTasks, mayHaveHappened } from './lost-answer.ts';
import { readAll, readObject } from './properties.ts';
import { runTask } from './run-task.ts';
import { snapshotNodes } from './snapshot-tree.ts';
import { vmRef, type Vim } from './vim.ts';

const destroyDeadlineMs = 30 * 60_000;

/** VMs that carry the marker, whatever they are called. */
export async function findMarkedVms(
  vim: Vim,
  marker: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const vms = await readAll(vim.connection, { VirtualMachine: ['config.extraConfig'] }, { signal });
  return vms
    .filter(({ values }) => extraValue(values['config.extraConfig'], markerKey) === marker)
    .map(({ object }) => object.value);
}

/** What may have been left behind on any VM: snapshots, need for consolidation, our marker. */
export async function readTraces(vim: Vim, signal: AbortSignal): Promise<readonly VmTraces[]> {
  const paths = [
    'name',
    'config.instanceUuid',
    'config.uuid',
    'config.extraConfig',
    'runtime.consolidationNeeded',
    'snapshot',
  ];
  const vms = await readAll(vim.connection, { VirtualMachine: paths }, { signal });
  return vms.map(({ object, values }) => ({
    identity: vmIdentity(vim, object.value, values),
    snapshots: snapshotNodes(values['snapshot']),
    consolidationNeeded: values['runtime.consolidationNeeded'] === true,
    marker: extraValue(values['config.extraConfig'], markerKey),
  }));
}

/** Removes a VM and its files. Refuses one without coldframe's marker; one that is gone already is fine. */
export async function destroyVm(vim: Vim, vmMoref: string, signal: AbortSignal): Promise<void> {
  const vm = vmRef(vmMoref);
  if (!(await carriesMarker(vim, vmMoref, signal))) return;
  try {
    await runTask(vim, 'Destroy_Task', { _this: vm }, { signal, deadlineMs: destroyDeadlineMs });
  } catch (error) {
    if (faultOf(error) === 'ManagedObjectNotFound') return;
    if (!mayHaveHappened(error)) throw error;
    if (!(await carriesMarker(vim, vmMoref, signal))) return;
    await awaitRunningTasks(vim, vm, { signal, deadlineMs: destroyDeadlineMs });
    if (await carriesMarker(vim, vmMoref, signal)) throw error;
  }
}

/** False when the VM is gone; throws when it is there and not ours. */
async function carriesMarker(vim: Vim, vmMoref: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { values } = await readObject(vim.connection, vmRef(vmMoref), {
      paths: ['config.extraConfig'],
      signal,
    });
    if (extraValue(values['config.extraConfig'], markerKey) !== undefined) return true;
  } catch (error) {
    if (faultOf(error) === 'ManagedObjectNotFound') return false;
    throw error;
  }
  throw new ColdframeError(
    'internal',
    `VM ${vmMoref} does not carry coldframe's marker and is not removed.`,
  );
}
