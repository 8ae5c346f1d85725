import { ColdframeError } from '#core/error.ts';
import { diskLabel } from '#core/disk-label.ts';
import type { ArchivedDisk, RestorePoint } from '#core/restore-point.ts';
import type { TransportFacts } from '#core/transport-plan.ts';
import type { VmDetails, VmDisk } from '#core/vm.ts';

import { findRestorePoint, readChain } from './chain.ts';
import { wholeDiskMethod } from './disk-method.ts';
import { findAppliance, requireVm } from './look-at-vm.ts';
import { disksLeftAlone, targetsIn } from './match-disks.ts';
import { placeNewVm } from './place-new-vm.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';
import type { InPlaceTarget, NewVmTarget, RestorePlan, RestoreRequest } from './requests.ts';
import { expectedMethod } from './rollback-areas.ts';
import type { RestoreGround } from './restore-ground.ts';
import { restoreSteps } from './restore-steps.ts';
import { candidatesFor } from './transport-attempts.ts';

/** Everything that a restore would do, for showing; throws what would stop it. */
export async function planRestore(
  context: EngineContext,
  request: RestoreRequest,
  signal: AbortSignal,
): Promise<RestorePlan> {
  await using connection = await context.vsphere.connect(request.endpoint, signal);
  const ground = await prepareRestore(context, { request, connection }, signal);
  const { point, chain, disks, vm, newVm } = ground;
  const { target } = request;
  const targets = vm === undefined ? undefined : targetsIn(vm, ground);
  const rollback = target.kind === 'in-place' && target.rollback === true;
  const vmName = target.kind === 'new-vm' ? target.name : vm!.identity.name;
  return {
    restorePoint: point,
    chain,
    vmName,
    vmMoref: vm?.identity.moref,
    willPowerOff: vm !== undefined && vm.powerState !== 'poweredOff',
    disks: disks.map((disk) => {
      const existing = targets?.get(disk.label);
      return {
        label: disk.label,
        deviceLabel: disk.deviceLabel,
        capacityBytes: disk.capacityBytes,
        fileName:
          existing?.backing.fileName ?? `[${newVm?.place.diskDatastores.get(disk.label) ?? ''}]`,
        transports: ground.transports.get(disk.label) ?? [],
        ...(rollback && existing !== undefined
          ? expectedMethod(vm!, existing, disk)
          : wholeDiskMethod),
      };
    }),
    steps: restoreSteps(ground, request),
    warnings: [
      ...warningsOf(point),
      ...(newVm?.notes ?? []),
      ...(vm === undefined || targets === undefined ? [] : disksLeftAlone(targets, vm)),
    ],
  };
}

export async function prepareRestore(
  context: EngineContext,
  job: { readonly request: RestoreRequest; readonly connection: VsphereConnection },
  signal: AbortSignal,
): Promise<RestoreGround> {
  const { request, connection } = job;
  const { repository, target } = request;
  await context.repositories.check(repository, signal);
  const point = await findRestorePoint(context, repository, request.restorePointId);
  const chain = await readChain(context, { repository, point }, signal);
  const appliance = await findAppliance(context, connection, signal);
  const disks = chosenDisks(point, request);
  if (target.kind === 'new-vm') {
    await requireFreeName(connection, target, signal);
    const reachable = new Map(disks.map((disk) => [disk.label, disk]));
    const newVm = await placeNewVm(context, { request, target, connection, point, disks }, signal);
    const { datacenterMoref } = newVm.place;
    const vm = { datacenterMoref, encrypted: false };
    const transports = await restoreTransports(context, reachable, { request, appliance, vm });
    return { point, chain, disks, appliance, vm: undefined, newVm, transports };
  }
  const vm = await requireVm(
    connection,
    target.vm ?? {
      instanceUuid: point.header.vm.instanceUuid,
      morefHint: point.header.vm.moref,
    },
    signal,
  );
  requireOverwritable(vm, target, appliance);
  const chosen = target.diskTargets;
  const targets = targetsIn(vm, { point, disks, chosen });
  const transports = await restoreTransports(context, targets, { request, appliance, vm });
  return { point, chain, disks, appliance, vm, newVm: undefined, chosen, transports };
}

/** As it will be when the VM is powered off. Throws 'not-eligible' for a disk that nothing reaches. */
async function restoreTransports(
  context: EngineContext,
  disks: ReadonlyMap<string, VmDisk | ArchivedDisk>,
  {
    request,
    appliance,
    vm,
  }: {
    readonly request: RestoreRequest;
    readonly appliance: VmDetails | undefined;
    readonly vm: Pick<VmDetails, 'datacenterMoref' | 'encrypted'>;
  },
): Promise<RestoreGround['transports']> {
  const vddk = await context.vddk.installed();
  const facts: TransportFacts = {
    policy: request.transports,
    vddkVersion: vddk?.version,
    appliance,
    vm: {
      datacenterMoref: vm.datacenterMoref,
      encrypted: vm.encrypted,
      powerState: 'poweredOff',
    },
    purpose: 'restore',
  };
  return new Map(
    [...disks].map(([label, disk]) => [
      label,
      candidatesFor('deviceLabel' in disk ? disk.deviceLabel : disk.label, disk, facts).map(
        ({ choice }) => choice,
      ),
    ]),
  );
}

/** What the restore point itself lacks. */
export function warningsOf(point: RestorePoint): readonly string[] {
  return point.header.skippedDisks.map(
    ({ deviceLabel, reason }) => `${deviceLabel} is not in the restore point: ${reason}`,
  );
}

function chosenDisks(point: RestorePoint, request: RestoreRequest): readonly ArchivedDisk[] {
  const { disks } = point.header;
  if (request.disks === undefined) return disks;
  if (request.target.kind === 'new-vm')
    throw new ColdframeError(
      'invalid-input',
      'A new VM always gets all disks of the restore point. Leave the choice of disks out, or restore in place.',
    );
  const unknown = request.disks.find((label) => !disks.some((disk) => disk.label === label));
  if (unknown !== undefined || request.disks.length === 0)
    throw new ColdframeError(
      'invalid-input',
      `The restore point has no disk "${unknown ?? ''}". It has: ${disks.map(({ label }) => label).join(', ')}.`,
    );
  return disks.filter(({ label }) => request.disks!.includes(label));
}

async function requireFreeName(
  connection: VsphereConnection,
  target: NewVmTarget,
  signal: AbortSignal,
): Promise<void> {
  if ((await connection.findVm({ name: target.name }, signal)) === undefined) return;
  throw new ColdframeError(
    'invalid-input',
    `There is a VM named "${target.name}" already. Choose another name, or restore in place.`,
  );
}

/** Throws 'not-eligible' with what would make overwriting the VM wrong or impossible. */
export function requireOverwritable(
  vm: VmDetails,
  target: InPlaceTarget,
  appliance: VmDetails | undefined,
): void {
  const { name, moref } = vm.identity;
  const refuse = (reason: string): never => {
    throw new ColdframeError('not-eligible', `${name} cannot be restored in place: ${reason}`);
  };
  if (moref === appliance?.identity.moref) refuse('it is the appliance itself.');
  if (vm.connectionState !== 'connected')
    refuse(`vSphere reports it as "${vm.connectionState}". Bring its host back first.`);
  if (vm.powerState === 'suspended') refuse('it is suspended. Power it off first.');
  if (vm.powerState === 'poweredOn' && !target.powerOff)
    refuse('it is running. Power it off, or allow the restore to do so.');
  if (vm.snapshots.length > 0)
    refuse('it has snapshots, which would be worthless afterwards. Delete them first.');
  if (vm.consolidationNeeded)
    refuse('its disks need consolidation. Consolidate them in the vSphere Client first.');
}

/** Disks of a VM by their label. */
export function disksByLabel(vm: VmDetails): ReadonlyMap<string, VmDisk> {
  return new Map(vm.disks.map((disk) => [diskLabel(disk), disk]));
}
