import { choosePlace, type ChosenPlace } from '#core/choose-place.ts';
import { ColdframeError } from '#core/error.ts';
import type { ArchivedDisk, RestorePoint } from '#core/restore-point.ts';
import type { Placement } from '#core/vm.ts';

import type { CreateVmRequest, EngineContext, VsphereConnection } from './ports.ts';
import type { NewVmTarget, RestoreRequest } from './requests.ts';
import { hasTpm, readPlacement, readSavedConfig } from './saved-configuration.ts';

/** A VM that is to be made: as it was, where it is wanted. */
export interface NewVmGround {
  readonly creation: Omit<CreateVmRequest, 'marker'>;
  readonly place: ChosenPlace;
  readonly saved: Placement;
  /** What will differ from the saved VM, in sentences. */
  readonly notes: readonly string[];
}

/** Decides everything about a new VM without making it; throws what would stop it being made. */
export async function placeNewVm(
  context: EngineContext,
  job: {
    readonly request: RestoreRequest;
    readonly target: NewVmTarget;
    readonly connection: VsphereConnection;
    readonly point: RestorePoint;
    readonly disks: readonly ArchivedDisk[];
  },
  signal: AbortSignal,
): Promise<NewVmGround> {
  const { request, target, connection, point, disks } = job;
  const config = await readSavedConfig(context, request.repository, point);
  refuseTpm(config, target);
  const saved = await readPlacement(context, request.repository, point);
  const sameEndpoint = connection.about.instanceUuid === point.header.vm.endpointUuid;
  const place = choosePlace(
    target,
    {
      former: {
        folderPath: saved.folderPath,
        ...(sameEndpoint && saved.resourcePoolMoref !== ''
          ? { resourcePoolMoref: saved.resourcePoolMoref }
          : {}),
      },
      disks: disks.map(({ label, capacityBytes, backing }) => ({
        label,
        capacityBytes,
        datastoreName: /^\[([^\]]+)\]/.exec(backing.fileName)?.[1] ?? '',
        thin: target.provisioning === undefined ? backing.thin : target.provisioning === 'thin',
      })),
    },
    await connection.listPlaces(signal),
  );
  const creation = creationOf({ target, place, config, disks });
  const left = await connection.previewVm(creation, signal);
  return { creation, place, saved, notes: [...place.notes, ...left] };
}

function creationOf({
  target,
  place,
  config,
  disks,
}: {
  readonly target: NewVmTarget;
  readonly place: ChosenPlace;
  readonly config: unknown;
  readonly disks: readonly ArchivedDisk[];
}): NewVmGround['creation'] {
  const { name, keepIdentity, keepMacAddresses, connectNetworks, networkMap } = target;
  return {
    name,
    config,
    folderPath: place.folderPath,
    resourcePoolMoref: place.resourcePoolMoref,
    ...(place.hostMoref === undefined ? {} : { hostMoref: place.hostMoref }),
    datastoreName: place.datastoreName,
    disks: disks.map(({ key, label, capacityBytes }) => ({
      key,
      capacityBytes,
      datastoreName: place.diskDatastores.get(label) ?? place.datastoreName,
      ...(target.provisioning === undefined ? {} : { provisioning: target.provisioning }),
    })),
    keepIdentity,
    ...(keepMacAddresses === undefined ? {} : { keepMacAddresses }),
    ...(connectNetworks === undefined ? {} : { connectNetworks }),
    ...(networkMap === undefined ? {} : { networkMap }),
  };
}

function refuseTpm(config: unknown, { withoutTpm = false }: NewVmTarget): void {
  if (withoutTpm || !hasTpm(config)) return;
  throw new ColdframeError(
    'not-eligible',
    'The VM has a virtual TPM, whose secrets are encrypted with a key of the original and are in no backup: a guest that seals its disks with it (BitLocker) will ask for its recovery key. Allow the VM to be made without it, or restore in place.',
  );
}
