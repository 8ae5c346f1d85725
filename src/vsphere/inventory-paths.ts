import type { Moref } from '#core/vm.ts';
import { parentOf } from './ancestors.ts';
import type { InventoryObject, InventoryObjects } from './inventory-objects.ts';
import { morefAt, textAt } from './value.ts';

type ParentOf = (object: InventoryObject) => Moref | undefined;

export interface Tree {
  readonly objects: Pick<InventoryObjects, 'get'>;
  /** The root folder, which no path names. */
  readonly root: Moref;
}

/**
 * Inventory paths, "Datacenter/vm/Folder", out of objects that know their parents. The parts keep
 * vSphere's escapes (`%2f`). What lies above is looked up once for all that lies below it.
 */
export class InventoryPaths {
  readonly #objects: Tree['objects'];
  readonly #known = new Map<string, string>();
  readonly #parent: ParentOf;

  private constructor({ objects, root }: Tree, parent: ParentOf) {
    this.#objects = objects;
    this.#parent = parent;
    this.#known.set(root.value, '');
  }

  /** By folders, in which VMs and vApps lie besides their pools. */
  static byFolder(tree: Tree): InventoryPaths {
    return new InventoryPaths(tree, parentOf);
  }

  /** By clusters and resource pools, of which a vApp is one. */
  static byPool(tree: Tree): InventoryPaths {
    return new InventoryPaths(tree, ({ values }) => morefAt(values, 'parent'));
  }

  /** Empty for nothing, and for the root folder. */
  of(moref: Moref | undefined): string {
    if (moref === undefined) return '';
    const known = this.#known.get(moref.value);
    if (known !== undefined) return known;
    this.#known.set(moref.value, ''); // a loop in the tree ends here
    const path = this.#find(moref);
    this.#known.set(moref.value, path);
    return path;
  }

  #find(moref: Moref): string {
    const object = this.#objects.get(moref.value);
    if (object === undefined) return moref.value; // the account may not see it
    const parent = this.#parent(object);
    const above = this.of(parent);
    const name = textAt(object.values, 'name') ?? moref.value;
    return above === '' ? name : `${above}/${name}`;
  }
}
