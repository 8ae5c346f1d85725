import { ColdframeError } from '#core/error.ts';
import { unfinishedVmKey } from '#core/own-settings.ts';
import type { ArchivedDisk, RestorePoint } from '#core/restore-point.ts';
import type { Placement, VmDetails, VmDisk, VmIdentity } from '#core/vm.ts';

import { bringBackNvram } from './bring-back-nvram.ts';
import { withMethods } from './disk-method.ts';
import type { Effects } from './effects.ts';
import { disksByLabel, warningsOf, type RestoreGround } from './plan-restore.ts';
import type { CreateVmRequest, EngineContext, VsphereConnection } from './ports.ts';
import type { NewVmTarget, RestoreOutcome, RestoreRequest, TaskWatch } from './requests.ts';
import { readPlacement, readSavedConfig } from './saved-configuration.ts';
import { writeDisks } from './write-disks.ts';

export interface NewVmJob {
  readonly request: RestoreRequest;
  readonly target: NewVmTarget;
  readonly connection: VsphereConnection;
  readonly ground: RestoreGround;
  readonly effects: Effects;
  /** Holds the VM for this task. */
  readonly claim: (vm: VmIdentity) => void;
}

/** Makes the VM as it was saved, marked as unfinished, writes its disks, and takes the mark away. */
export async function restoreToNewVm(
  context: EngineContext,
  job: NewVmJob,
  watch: TaskWatch,
): Promise<Omit<RestoreOutcome, 'durationMs'>> {
  const { request, target, connection, ground, effects } = job;
  const { signal } = watch;
  const { point, chain, disks, appliance } = ground;
  const { repository } = request;
  const config = await readSavedConfig(context, repository, point);
  const placement = await readPlacement(context, repository, point);
  const made = await createMarked(context, { job, config, placement }, signal);
  try {
    // From here on a job may find it in the inventory.
    job.claim((await connection.getVm(made, signal)).identity);
    const nvram = await bringBackNvram(
      context,
      { connection, repository, point, config, vmMoref: made },
      signal,
    );
    const vm = await connection.getVm(made, signal);
    const written = await writeDisks(
      context,
      {
        connection,
        endpoint: request.endpoint,
        repository,
        effects,
        vm,
        appliance,
        chain,
        targets: targetsOf(disks, vm),
        targetIsZero: true,
        readBack: request.readBack,
        transports: request.transports,
      },
      watch,
    );
    await connection.setExtraConfig(made, unfinishedVmKey, '', signal);
    await effects.keep('created-vm');
    const warnings = [...warningsOf(point), ...nvram, ...written.warnings];
    if (request.powerOn) warnings.push(...(await powerOn(connection, made, signal)));
    return {
      vmMoref: made,
      vmName: target.name,
      disks: withMethods(written.disks, new Map()),
      warnings,
    };
  } catch (error) {
    if (target.onFailure === 'keep') {
      context.log.warn(`The unfinished VM "${target.name}" is kept; its disks are not complete`);
      await effects.keep('created-vm');
    }
    throw error;
  }
}

async function createMarked(
  context: EngineContext,
  from: {
    readonly job: NewVmJob;
    readonly config: unknown;
    readonly placement: Placement;
  },
  signal: AbortSignal,
): Promise<string> {
  const { job, config, placement } = from;
  const { target, ground, connection, effects } = job;
  const folderPath = target.folderPath ?? placement.folderPath;
  const request: Omit<CreateVmRequest, 'marker'> = {
    name: target.name,
    config,
    folderPath,
    ...place(target, placement),
    datastoreName: target.datastoreName ?? datastoreOf(ground.point),
    disks: ground.disks.map(({ key, capacityBytes }) => ({ key, capacityBytes })),
    keepIdentity: target.keepIdentity,
    ...(target.networkMap === undefined ? {} : { networkMap: target.networkMap }),
  };
  context.log.info(`Creating VM "${target.name}" in ${folderPath}`);
  return effects.make('created-vm', { name: target.name, folderPath }, ({ marker }) =>
    connection.createVm({ ...request, marker }, signal),
  );
}

/** What the caller names wins; the saved place is used where nothing is named. */
function place(
  target: NewVmTarget,
  placement: Placement,
): Pick<CreateVmRequest, 'resourcePoolMoref' | 'hostMoref'> {
  const { resourcePoolMoref = placement.resourcePoolMoref, hostMoref } = target;
  return {
    ...(resourcePoolMoref === '' ? {} : { resourcePoolMoref }),
    ...(hostMoref === undefined ? {} : { hostMoref }),
  };
}

function datastoreOf(point: RestorePoint): string {
  const fileName = point.header.disks[0]?.backing.fileName ?? '';
  const name = /^\[([^\]]+)\]/.exec(fileName)?.[1];
  if (name !== undefined) return name;
  throw new ColdframeError(
    'invalid-input',
    'The restore point does not say on which datastore the VM was. Name one.',
  );
}

/** The new VM's disks sit in the slots that the archive names. */
function targetsOf(disks: readonly ArchivedDisk[], vm: VmDetails): ReadonlyMap<string, VmDisk> {
  const made = disksByLabel(vm);
  return new Map(
    disks.map(({ label, capacityBytes }) => {
      const disk = made.get(label);
      if (disk?.capacityBytes !== capacityBytes)
        throw new ColdframeError(
          'vsphere-fault',
          `vSphere made the VM without a disk of ${capacityBytes} bytes in slot ${label}.`,
        );
      return [label, disk] as const;
    }),
  );
}

/** The data are safe by then: a VM that does not start is a warning. */
export async function powerOn(
  connection: VsphereConnection,
  vmMoref: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    await connection.powerOn(vmMoref, signal);
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [`The VM was restored but could not be powered on: ${reason}`];
  }
}
