import { ColdframeError } from '#core/error.ts';
import { unfinishedRestoreKey, unfinishedVmKey } from '#core/own-settings.ts';
import type { ArchivedDisk } from '#core/restore-point.ts';
import type { VmDetails, VmDisk, VmIdentity } from '#core/vm.ts';

import { bringBackNvram } from './bring-back-nvram.ts';
import { withMethods } from './disk-method.ts';
import type { Effects } from './effects.ts';
import { disksByLabel, warningsOf } from './plan-restore.ts';
import type { RestoreGround } from './restore-ground.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';
import type { NewVmTarget, RestoreOutcome, RestoreRequest, TaskWatch } from './requests.ts';
import { startVm } from './start-vm.ts';
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
  const { creation, saved, notes } = ground.newVm!;
  const made = await createMarked(context, job, signal);
  try {
    // From here on a job may find it in the inventory.
    job.claim((await connection.getVm(made, signal)).identity);
    // What another restore in place may go on with.
    await connection.setExtraConfig(made, unfinishedRestoreKey, point.header.id, signal);
    const nvram = await bringBackNvram(
      context,
      { connection, repository, point, config: creation.config, vmMoref: made },
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
    await connection.setExtraConfig(made, unfinishedRestoreKey, '', signal);
    await connection.setExtraConfig(made, unfinishedVmKey, '', signal);
    await effects.keep('created-vm');
    const warnings = [...warningsOf(point), ...notes, ...nvram, ...written.warnings];
    warnings.push(...(await connection.setCustomValues(made, saved.customValues ?? [], signal)));
    if (request.powerOn)
      warnings.push(...(await startVm(context, { request, connection, vmMoref: made }, signal)));
    return {
      vmMoref: made,
      vmName: target.name,
      disks: withMethods(written.disks, new Map()),
      warnings,
    };
  } catch (error) {
    if (target.onFailure === 'keep') {
      context.log.warn(
        `The unfinished VM "${target.name}" is kept; its disks are not complete. Restore in place into it to go on.`,
      );
      await effects.keep('created-vm');
    }
    throw error;
  }
}

async function createMarked(
  context: EngineContext,
  { target, ground, connection, effects }: NewVmJob,
  signal: AbortSignal,
): Promise<string> {
  const { creation } = ground.newVm!;
  const { folderPath } = creation;
  context.log.info(`Creating VM "${target.name}" in ${folderPath}`);
  return effects.make(
    'created-vm',
    { name: target.name, folderPath, keep: target.onFailure === 'keep' },
    ({ marker }) => connection.createVm({ ...creation, marker }, signal),
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
