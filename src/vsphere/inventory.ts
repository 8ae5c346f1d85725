import type { Moref, PowerState, VmSummary, VmWhere } from '#core/vm.ts';
import { parentOf } from './ancestors.ts';
import { vmIdentity } from './identity.ts';
import type { InventoryObject, InventoryObjects } from './inventory-objects.ts';
import { InventoryPaths } from './inventory-paths.ts';
import { asList, morefAt, morefOf, type VimValue } from './value.ts';
import type { Vim } from './vim.ts';

/** Every VM and template that the account can see. */
export async function listVms(vim: Vim, signal: AbortSignal): Promise<readonly VmSummary[]> {
  const objects = await vim.inventory.current(signal);
  const tags = await vim.tags.current(signal);
  const root = vim.connection.service('rootFolder');
  const folders = InventoryPaths.byFolder({ objects, root });
  const pools = InventoryPaths.byPool({ objects, root });
  return [...objects.vms()].map((vm) => ({
    ...summary(vim, vm),
    folderPath: folders.of(parentOf(vm)),
    where: {
      ...whereIs(vm, { objects, folders, pools }),
      ...(tags === undefined ? {} : { tags: tags.get(vm.object.value) ?? [] }),
    },
  }));
}

function summary(
  vim: Vim,
  { object, values, disks }: InventoryObject,
): Omit<VmSummary, 'folderPath' | 'where'> {
  return {
    identity: vmIdentity(vim, object.value, values),
    powerState: textOf(values['runtime.powerState']) as PowerState,
    template: values['config.template'] === true,
    guestFullName: textOf(values['config.guestFullName']),
    diskCount: disks?.count ?? 0,
    totalDiskBytes: disks?.capacityBytes ?? 0,
  };
}

interface Places {
  readonly objects: InventoryObjects;
  readonly folders: InventoryPaths;
  readonly pools: InventoryPaths;
}

function whereIs({ values }: InventoryObject, { objects, folders, pools }: Places): VmWhere {
  const host = morefOf(values['runtime.host']);
  const pool = morefAt(values, 'resourcePool');
  const vApp = vAppOf(pool, objects) ?? morefAt(values, 'parentVApp');
  return {
    host: pools.of(host),
    cluster: pools.of(clusterOf(host, objects)),
    pool: pools.of(pool),
    vApp: folders.of(vApp),
    datastores: asList(values['datastore']).map((store) => folders.of(morefOf(store))),
  };
}

/** A host that is in no cluster has a compute resource for itself, of another type. */
function clusterOf(host: Moref | undefined, objects: InventoryObjects): Moref | undefined {
  if (host === undefined) return undefined;
  const parent = morefAt(objects.get(host.value)?.values, 'parent');
  return parent?.type === 'ClusterComputeResource' ? parent : undefined;
}

/** The nearest vApp above, through resource pools in it. */
function vAppOf(pool: Moref | undefined, objects: InventoryObjects): Moref | undefined {
  const seen = new Set<string>();
  for (let each = pool; each !== undefined && !seen.has(each.value);) {
    if (each.type === 'VirtualApp') return each;
    seen.add(each.value);
    each = morefAt(objects.get(each.value)?.values, 'parent');
  }
  return undefined;
}

function textOf(value: VimValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
