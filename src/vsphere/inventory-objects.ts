import type { Moref } from '#core/vm.ts';
import { disksOf } from './disks.ts';
import { at, isMoref, listAt, morefAt, textAt, type VimValue } from './value.ts';

/** What is kept of every object of a type; one static filter, so that the server works it out once. */
export const inventoryProperties: Readonly<Record<string, readonly string[]>> = {
  Folder: ['name', 'parent'],
  Datacenter: ['name', 'parent'],
  ComputeResource: ['name', 'parent'],
  HostSystem: ['name', 'parent'],
  ResourcePool: ['name', 'parent'],
  VirtualApp: ['name', 'parent', 'parentFolder'],
  Datastore: ['name', 'parent'],
  VirtualMachine: [
    'name',
    'parent',
    'parentVApp',
    'resourcePool',
    'datastore',
    'config.instanceUuid',
    'config.uuid',
    'config.template',
    'config.guestFullName',
    'config.hardware.device',
    'runtime.powerState',
    'runtime.host',
  ],
};

const devicePath = 'config.hardware.device';

/** What is left of a VM's devices: some hundred bytes instead of some ten thousand. */
export interface DiskTotals {
  readonly count: number;
  readonly capacityBytes: number;
}

export interface InventoryObject {
  readonly object: Moref;
  readonly values: Record<string, VimValue>;
  /** Undefined where the account may not see the devices, or the object is no VM. */
  disks: DiskTotals | undefined;
}

/** The objects of one endpoint, kept up to date from the updates of a property collector. */
export class InventoryObjects {
  readonly #byMoref = new Map<string, InventoryObject>();

  get(moref: string): InventoryObject | undefined {
    return this.#byMoref.get(moref);
  }

  *vms(): IterableIterator<InventoryObject> {
    for (const object of this.#byMoref.values())
      if (object.object.type === 'VirtualMachine') yield object;
  }

  /** Takes an UpdateSet in. An object that enters again is taken anew as a whole. */
  apply(update: VimValue): void {
    for (const filter of listAt(update, 'filterSet'))
      for (const change of listAt(filter, 'objectSet')) this.#applyTo(change);
  }

  #applyTo(update: VimValue): void {
    const object = morefAt(update, 'obj');
    if (object === undefined) return;
    const kind = textAt(update, 'kind');
    if (kind === 'leave') return void this.#byMoref.delete(object.value);
    const known = kind === 'enter' ? undefined : this.#byMoref.get(object.value);
    const entry = known ?? this.#enter(object);
    for (const change of listAt(update, 'changeSet')) assign(entry, change);
  }

  #enter(object: Moref): InventoryObject {
    const own = kept(object) as Moref;
    const entry = { object: own, values: {}, disks: undefined };
    this.#byMoref.set(own.value, entry);
    return entry;
  }
}

/** The filter asks for whole values only, so a change is a new value or none. */
function assign(entry: InventoryObject, change: VimValue): void {
  const name = textAt(change, 'name') ?? '';
  const value = at(change, 'val');
  if (name === devicePath) entry.disks = value === undefined ? undefined : totals(value);
  else if (value === undefined) delete entry.values[name];
  else entry.values[name] = kept(value);
}

/**
 * A text cut out of an answer keeps the whole answer in memory: what stays for long is copied.
 */
function kept(value: VimValue): VimValue {
  if (typeof value === 'string') return Buffer.from(value).toString();
  if (Array.isArray(value)) return (value as readonly VimValue[]).map(kept);
  if (!isMoref(value)) return value;
  return { type: kept(value.type) as string, value: kept(value.value) as string };
}

function totals(devices: VimValue): DiskTotals {
  const disks = disksOf({ hardware: { device: devices } });
  return {
    count: disks.length,
    capacityBytes: disks.reduce((sum, disk) => sum + disk.capacityBytes, 0),
  };
}
