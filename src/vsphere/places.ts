import type { ComputePlace, DatastorePlace, Places } from '#core/places.ts';
import { InventoryPaths } from './inventory-paths.ts';
import { decodeName } from './names.ts';
import { readAll, type ObjectProperties } from './properties.ts';
import { booleanAt, listAt, morefAt, numberAt, textAt } from './value.ts';
import type { Vim } from './vim.ts';

const paths: Readonly<Record<string, readonly string[]>> = {
  Folder: ['name', 'parent', 'childType'],
  Datacenter: ['name', 'parent'],
  ComputeResource: ['name', 'parent', 'resourcePool'],
  HostSystem: ['name', 'parent'],
  ResourcePool: ['name', 'parent'],
  Datastore: ['name', 'parent', 'summary'],
  Network: ['name', 'parent'],
};

/** Everything of the endpoint that a new VM can be put into, on or next to. */
export async function listPlaces(vim: Vim, signal: AbortSignal): Promise<Places> {
  const found = await readAll(vim.connection, paths, { signal });
  return new PlaceList(found, vim.connection.service('rootFolder').value).places();
}

class PlaceList {
  readonly #found: readonly ObjectProperties[];
  readonly #byMoref: ReadonlyMap<string, ObjectProperties>;
  readonly #paths: InventoryPaths;

  constructor(found: readonly ObjectProperties[], rootMoref: string) {
    this.#found = found;
    this.#byMoref = new Map(found.map((each) => [each.object.value, each]));
    const objects = new Map(
      found.map(({ object, values }) => [
        object.value,
        { object, values: { ...values }, disks: undefined },
      ]),
    );
    const root = { type: 'Folder', value: rootMoref };
    this.#paths = InventoryPaths.byPool({ objects, root });
  }

  places(): Places {
    return {
      folders: this.#ofType('Folder')
        .filter(({ values }) => listAt(values, 'childType').includes('VirtualMachine'))
        .map((folder) => ({
          path: this.#paths.of(folder.object),
          datacenter: this.#datacenter(folder),
          datacenterMoref: this.#datacenterOf(folder)?.object.value ?? '',
        })),
      clusters: this.#ofType('ComputeResource', 'ClusterComputeResource').map((each) =>
        this.#compute(each, morefAt(each.values, 'resourcePool')?.value),
      ),
      hosts: this.#ofType('HostSystem').map((host) => {
        const parent = this.#byMoref.get(morefAt(host.values, 'parent')?.value ?? '');
        return this.#compute(host, morefAt(parent?.values, 'resourcePool')?.value);
      }),
      pools: this.#ofType('ResourcePool').map((each) => this.#compute(each, each.object.value)),
      datastores: this.#ofType('Datastore').map((each) => this.#datastore(each)),
      networks: this.#ofType('Network', 'DistributedVirtualPortgroup', 'OpaqueNetwork').map(nameOf),
    };
  }

  #ofType(...types: readonly string[]): readonly ObjectProperties[] {
    return this.#found.filter(({ object }) => types.includes(object.type));
  }

  #compute(object: ObjectProperties, poolMoref = ''): ComputePlace {
    const moref = object.object.value;
    return { moref, name: nameOf(object), datacenter: this.#datacenter(object), poolMoref };
  }

  #datastore(object: ObjectProperties): DatastorePlace {
    const { values } = object;
    return {
      name: nameOf(object),
      datacenter: this.#datacenter(object),
      accessible: booleanAt(values, 'summary.accessible') === true,
      freeBytes: numberAt(values, 'summary.freeSpace') ?? 0,
    };
  }

  /** Inventory path of the datacenter above; empty where there is none to be seen. */
  #datacenter(object: ObjectProperties): string {
    return this.#paths.of(this.#datacenterOf(object)?.object);
  }

  #datacenterOf(object: ObjectProperties): ObjectProperties | undefined {
    const seen = new Set<string>();
    for (let at: ObjectProperties | undefined = object; at !== undefined;) {
      if (at.object.type === 'Datacenter') return at;
      if (seen.has(at.object.value)) return undefined;
      seen.add(at.object.value);
      at = this.#byMoref.get(morefAt(at.values, 'parent')?.value ?? '');
    }
    return undefined;
  }
}

function nameOf({ values }: ObjectProperties): string {
  return decodeName(textAt(values, 'name') ?? '');
}
