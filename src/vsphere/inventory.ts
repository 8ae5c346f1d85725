import type { PowerState, VmSummary } from '#core/vm.ts';
import { folderPath, pathUpwards } from './ancestors.ts';
import { disksOf } from './disks.ts';
import { vmIdentity } from './identity.ts';
import { readAll, takeAll, type ObjectProperties } from './properties.ts';
import type { VimValue } from './value.ts';
import type { Vim } from './vim.ts';

const vmPaths = [
  'name',
  'parent',
  'parentVApp',
  'config.instanceUuid',
  'config.uuid',
  'config.template',
  'config.guestFullName',
  'config.hardware.device',
  'runtime.powerState',
];

/** Every VM and template that the account can see. */
export async function listVms(vim: Vim, signal: AbortSignal): Promise<readonly VmSummary[]> {
  const { connection } = vim;
  const places = await readAll(
    connection,
    {
      Folder: ['name', 'parent'],
      Datacenter: ['name', 'parent'],
      VirtualApp: ['name', 'parentFolder'],
    },
    { signal },
  );
  const known = new Map(places.map((place) => [place.object.value, place]));
  return takeAll(
    connection,
    { VirtualMachine: vmPaths },
    { signal, take: (vm) => summary(vim, vm, known) },
  );
}

function summary(
  vim: Vim,
  vm: ObjectProperties,
  places: ReadonlyMap<string, ObjectProperties>,
): VmSummary {
  const { object, values } = vm;
  const known = {
    get: (moref: string) => (moref === object.value ? vm : places.get(moref)),
  };
  const devices = values['config.hardware.device'];
  const disks = disksOf(devices === undefined ? undefined : { hardware: { device: devices } });
  return {
    identity: vmIdentity(vim, object.value, values),
    powerState: textOf(values['runtime.powerState']) as PowerState,
    template: values['config.template'] === true,
    folderPath: folderPath(pathUpwards(object, known, vim.connection)),
    guestFullName: textOf(values['config.guestFullName']),
    diskCount: disks.length,
    totalDiskBytes: disks.reduce((sum, disk) => sum + disk.capacityBytes, 0),
  };
}

function textOf(value: VimValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
