import type { Connection } from './connection.ts';
import type { LiveInventory } from './live-inventory.ts';
import type { VmTags } from './tags.ts';
import type { TaskWatcher } from './task-watcher.ts';

/** What the operations of this room are carried out with. */
export interface Vim {
  readonly connection: Connection;
  readonly tasks: TaskWatcher;
  readonly inventory: LiveInventory;
  readonly tags: VmTags;
  /** instanceUuid of the vCenter, hardware uuid of a host. */
  readonly endpointUuid: string;
}

export function vmRef(value: string): { readonly type: string; readonly value: string } {
  return { type: 'VirtualMachine', value };
}

export function snapshotRef(value: string): { readonly type: string; readonly value: string } {
  return { type: 'VirtualMachineSnapshot', value };
}
