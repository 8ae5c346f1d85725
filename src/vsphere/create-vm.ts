import type { NewVmDisk } from '#core/places.ts';
import { configSpec } from './config-spec.ts';
import { deviceSpecs, type DeviceSpecs } from './device-specs.ts';
import { markerKey } from './extra-config.ts';
import { awaitRunningTasks, mayHaveHappened } from './lost-answer.ts';
import { findMarkedVms } from './marked-vms.ts';
import { encodeName } from './names.ts';
import { findFolder, findPool, networkChooser } from './restore-place.ts';
import { runTask } from './run-task.ts';
import { listAt, required, type VimObject, type VimValue, morefOf } from './value.ts';
import type { Vim } from './vim.ts';

const createDeadlineMs = 30 * 60_000; // eager-zeroed disks

export interface CreateVmRequest {
  readonly name: string;
  /** VirtualMachineConfigInfo as this room normalised it. */
  readonly config: unknown;
  /** "Datacenter/vm/...". */
  readonly folderPath: string;
  readonly resourcePoolMoref?: string;
  readonly hostMoref?: string;
  readonly datastoreName: string;
  /** Disks to create, empty; keys are those of the saved configuration. */
  readonly disks: readonly NewVmDisk[];
  /** Same uuids and MAC addresses: only for a VM that no longer exists. */
  readonly keepIdentity: boolean;
  /** The MAC addresses alone. */
  readonly keepMacAddresses?: boolean;
  /** Whether network cards are connected at power-on, as they were; else they are not. Default `keepIdentity`. */
  readonly connectNetworks?: boolean;
  /** Old network name to new. */
  readonly networkMap?: Readonly<Record<string, string>>;
  /** Unique; found again in extraConfig when the answer is lost. */
  readonly marker: string;
}

/** What of the saved configuration a new VM would not have, in sentences; changes nothing, and throws what would stop it. */
export async function previewVm(
  vim: Vim,
  request: Omit<CreateVmRequest, 'marker'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { left } = await creationSpec(vim, { ...request, marker: '' }, signal);
  return left.map(({ label, reason }) => `${label} is not brought back: ${reason}.`);
}

/** CreateVM_Task from a saved configuration; returns the moref, also when the answer was lost. */
export async function createVm(
  vim: Vim,
  request: CreateVmRequest,
  signal: AbortSignal,
): Promise<string> {
  const folder = await findFolder(vim, request.folderPath, signal);
  const pool = await findPool(vim, { ...request, folder }, signal);
  const { config } = await creationSpec(vim, request, signal);
  const host =
    request.hostMoref === undefined
      ? {}
      : { host: { type: 'HostSystem', value: request.hostMoref } };
  try {
    const result = await runTask(
      vim,
      'CreateVM_Task',
      { _this: folder, config, pool, ...host },
      { signal, deadlineMs: createDeadlineMs },
    );
    return required(morefOf(result), 'new VM').value;
  } catch (error) {
    if (!mayHaveHappened(error)) throw error;
    await awaitRunningTasks(vim, folder, { signal, deadlineMs: createDeadlineMs });
    const [made] = await findMarkedVms(vim, request.marker, signal);
    if (made === undefined) throw error;
    return made;
  }
}

async function creationSpec(
  vim: Vim,
  request: CreateVmRequest,
  signal: AbortSignal,
): Promise<{ readonly config: VimObject; readonly left: DeviceSpecs['left'] }> {
  const { apiVersion } = vim.connection;
  const saved = request.config as VimValue;
  const networkBacking = await networkChooser(vim, request.networkMap ?? {}, signal);
  const { deviceChange, left } = deviceSpecs(saved, { ...request, apiVersion, networkBacking });
  const spec = configSpec(saved, { ...request, name: encodeName(request.name), apiVersion });
  const config = {
    ...spec,
    files: { vmPathName: `[${request.datastoreName}]` },
    deviceChange,
    extraConfig: [...listAt(spec, 'extraConfig'), { key: markerKey, value: request.marker }],
  };
  return { config, left };
}
