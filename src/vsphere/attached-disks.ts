import { ColdframeError } from '#core/error.ts';
import type { AttachedDisk, VmDisk } from '#core/vm.ts';
import { disksOf } from './disks.ts';
import { faultOf } from './fault.ts';
import { readObject } from './properties.ts';
import { runTask } from './run-task.ts';
import { awaitRunningTasks, mayHaveHappened } from './lost-answer.ts';
import { planSlots, type Slot, type SlotPlan } from './scsi-slots.ts';
import { listAt, textAt, type VimObject, type VimValue } from './value.ts';
import { vmRef, type Vim } from './vim.ts';

const reconfigureDeadlineMs = 10 * 60_000;
const goneDeadlineMs = 2 * 60_000;
const maxPlans = 4;

export interface AttachRequest {
  readonly vmMoref: string;
  readonly disks: readonly {
    readonly fileName: string;
    readonly capacityBytes: number;
    readonly mode: 'independent_nonpersistent' | 'independent_persistent';
  }[];
}

/**
 * Attaches existing disk files in one reconfigure and reads back what they became.
 * The configuration's version is sent along: when somebody else has changed the VM
 * meanwhile, vSphere refuses and the slots are planned anew. After a lost answer the
 * devices tell whether it happened.
 */
export async function attachDisks(
  vim: Vim,
  request: AttachRequest,
  signal: AbortSignal,
): Promise<readonly AttachedDisk[]> {
  const files = request.disks.map(({ fileName }) => fileName);
  if (new Set(files).size !== files.length)
    throw new ColdframeError('invalid-input', 'A disk file cannot be attached twice at once.');
  for (let attempt = 1; ; attempt++) {
    const config = await readConfig(vim, request.vmMoref, signal);
    const plan = planSlots(listAt(config, 'hardware.device'), files.length);
    try {
      await reconfigure(vim, request.vmMoref, attachSpec(config, request, plan), signal);
      return await readBack(vim, { request, slots: plan.slots }, signal);
    } catch (error) {
      if (mayHaveHappened(error)) {
        await awaitRunningTasks(vim, vmRef(request.vmMoref), {
          signal,
          deadlineMs: reconfigureDeadlineMs,
        });
        return await readBack(vim, { request, slots: plan.slots, cause: error }, signal);
      }
      if (faultOf(error) !== 'ConcurrentAccess' || attempt >= maxPlans) throw error;
    }
  }
}

/**
 * Detaches by device key, never with fileOperation: the files are the customer's.
 * Keys that are gone already are fine. Returns when the configuration no longer has them.
 */
export async function detachDisks(
  vim: Vim,
  { vmMoref, keys }: { readonly vmMoref: string; readonly keys: readonly number[] },
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const present = await disksWithKeys(vim, { vmMoref, keys }, signal);
    if (present.length === 0) return;
    for (const disk of present)
      if (!isAttached(disk))
        throw new ColdframeError(
          'internal',
          `${disk.label} (${disk.backing.fileName}) was not attached by coldframe and is left alone.`,
        );
    try {
      await reconfigure(vim, vmMoref, { deviceChange: present.map(removal) }, signal);
      break;
    } catch (error) {
      const lost = mayHaveHappened(error);
      // A detach that a process before this one asked for may have been under way.
      await awaitRunningTasks(vim, vmRef(vmMoref), { signal, deadlineMs: reconfigureDeadlineMs });
      if (lost) break;
      const left = await disksWithKeys(vim, { vmMoref, keys }, signal);
      if (left.length === present.length || attempt >= maxPlans) throw error;
    }
  }
  await verifyGone(vim, { vmMoref, keys }, signal);
}

/** Disks in a mode in which only coldframe attaches them: independent. */
export async function listAttached(
  vim: Vim,
  vmMoref: string,
  signal: AbortSignal,
): Promise<readonly AttachedDisk[]> {
  const disks = disksOf(await readConfig(vim, vmMoref, signal));
  return disks.filter(isAttached).map((disk) => attachedDisk(disk, disk.backing.fileName));
}

function isAttached(disk: VmDisk): boolean {
  return disk.backing.mode.startsWith('independent_');
}

function attachSpec(
  config: VimValue | undefined,
  { disks }: AttachRequest,
  { slots, added }: SlotPlan,
): VimObject {
  const changeVersion = textAt(config, 'changeVersion');
  const controllers = added.map(({ key, bus }) => ({
    operation: 'add',
    device: { $type: 'ParaVirtualSCSIController', key, busNumber: bus, sharedBus: 'noSharing' },
  }));
  const additions = disks.map(({ fileName, capacityBytes, mode }, index) => ({
    operation: 'add',
    device: {
      $type: 'VirtualDisk',
      key: -100 - index,
      backing: { $type: 'VirtualDiskFlatVer2BackingInfo', fileName, diskMode: mode },
      controllerKey: slots[index]!.controllerKey,
      unitNumber: slots[index]!.unit,
      capacityInKB: Math.ceil(capacityBytes / 1024),
    },
  }));
  return {
    ...(changeVersion === undefined ? {} : { changeVersion }),
    deviceChange: [...controllers, ...additions],
  };
}

function removal({ key, capacityBytes }: VmDisk): VimObject {
  return {
    operation: 'remove',
    device: { $type: 'VirtualDisk', key, capacityInKB: Math.ceil(capacityBytes / 1024) },
  };
}

interface ReadBack {
  readonly request: AttachRequest;
  readonly slots: readonly Slot[];
  /** The failure after which the devices are looked at. */
  readonly cause?: unknown;
}

/** By slot, and by file name as a cross-check: a non-persistent disk may show its redo log, with ours as its parent. */
async function readBack(
  vim: Vim,
  { request, slots, cause }: ReadBack,
  signal: AbortSignal,
): Promise<readonly AttachedDisk[]> {
  const disks = disksOf(await readConfig(vim, request.vmMoref, signal));
  return request.disks.map(({ fileName }, index) => {
    const slot = slots[index]!;
    const disk = disks.find(
      ({ controller, backing }) =>
        controller.bus === slot.bus &&
        controller.unit === slot.unit &&
        controller.kind === 'pvscsi' &&
        [backing.fileName, ...backing.parents].includes(fileName),
    );
    if (disk !== undefined) return attachedDisk(disk, fileName);
    if (cause !== undefined) throw cause as Error;
    throw new ColdframeError(
      'vsphere-fault',
      `vSphere reported success, but ${fileName} is not at SCSI ${slot.bus}:${slot.unit} of the appliance.`,
      { details: { method: 'ReconfigVM_Task', file: fileName } },
    );
  });
}

function attachedDisk(disk: VmDisk, fileName: string): AttachedDisk {
  return {
    key: disk.key,
    fileName,
    parents: disk.backing.parents,
    uuid: disk.uuid,
    capacityBytes: disk.capacityBytes,
    bus: disk.controller.bus,
    unit: disk.controller.unit,
  };
}

interface Keys {
  readonly vmMoref: string;
  readonly keys: readonly number[];
}

async function disksWithKeys(
  vim: Vim,
  { vmMoref, keys }: Keys,
  signal: AbortSignal,
): Promise<readonly VmDisk[]> {
  const disks = disksOf(await readConfig(vim, vmMoref, signal));
  return disks.filter(({ key }) => keys.includes(key));
}

async function verifyGone(vim: Vim, wanted: Keys, signal: AbortSignal): Promise<void> {
  const { clock } = vim.connection;
  const until = clock.now() + goneDeadlineMs;
  for (;;) {
    const left = await disksWithKeys(vim, wanted, signal);
    if (left.length === 0) return;
    if (clock.now() >= until)
      throw new ColdframeError(
        'busy',
        `${left.map(({ label }) => label).join(', ')} of the appliance cannot be detached. Detach it in vCenter without deleting its files.`,
        { details: { keys: left.map(({ key }) => key) } },
      );
    await clock.sleep(500, signal);
  }
}

async function readConfig(
  vim: Vim,
  vmMoref: string,
  signal: AbortSignal,
): Promise<VimValue | undefined> {
  const { values } = await readObject(vim.connection, vmRef(vmMoref), {
    paths: ['config.changeVersion', 'config.hardware.device'],
    signal,
  });
  const device = values['config.hardware.device'];
  const changeVersion = values['config.changeVersion'];
  return {
    ...(changeVersion === undefined ? {} : { changeVersion }),
    ...(device === undefined ? {} : { hardware: { device } }),
  };
}

async function reconfigure(
  vim: Vim,
  vmMoref: string,
  spec: VimObject,
  signal: AbortSignal,
): Promise<void> {
  await runTask(
    vim,
    'ReconfigVM_Task',
    { _this: vmRef(vmMoref), spec },
    { signal, deadlineMs: reconfigureDeadlineMs },
  );
}
