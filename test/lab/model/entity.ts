import type { Ref } from '../soap/values.ts';
import type { Inventory } from './inventory.ts';
import type { Site } from './site.ts';
import { placesOf } from './vm-config.ts';

/** Properties that every managed entity has. */
export function entity(
  name: string | (() => string),
  parent: Ref | undefined,
): Record<string, () => unknown> {
  return {
    name: typeof name === 'string' ? () => name : name,
    parent: () => parent,
    overallStatus: () => 'green',
    configStatus: () => 'green',
    configIssue: () => [],
    customValue: () => [],
    value: () => [],
    effectiveRole: () => [-1],
    permission: () => [],
    disabledMethod: () => [],
    recentTask: () => [],
    alarmActionsEnabled: () => true,
    tag: () => [],
  };
}

export function addFolder(
  inventory: Inventory,
  folder: { self: Ref; name: string; parent: Ref | undefined; childType: readonly string[] },
): void {
  inventory.add({
    ref: folder.self,
    read: {
      ...entity(folder.name, folder.parent),
      childType: () => folder.childType,
      childEntity: () => childrenOf(inventory, folder.self),
    },
  });
}

export function childrenOf(inventory: Inventory, parent: Ref): Ref[] {
  return [...inventory.ofType('ManagedEntity')]
    .filter((object) => (object.read['parent']?.() as Ref | undefined)?.value === parent.value)
    .map((object) => object.ref);
}

/** VMs by their host and the places that they touch. */
export function vmsWhere(
  site: Site,
  test: (vm: Ref, places: { datastores: Ref[]; networks: Ref[] }) => boolean,
): Ref[] {
  return [...site.vms.values()]
    .filter((vm) => test(vm.host, placesOf(vm, site.inventory)))
    .map((vm) => vm.ref);
}
