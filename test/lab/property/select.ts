import type { ManagedObject } from '../model/inventory.ts';
import { isA } from '../schema/table.ts';
import { VimFault } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';
import { isRef, refKey } from '../soap/values.ts';
import { checkPath, readPath } from './path.ts';

export interface FilterSpec {
  readonly propSet: readonly PropertySpec[];
  readonly objectSet: readonly ObjectSpec[];
  readonly reportMissingObjectsInResults?: boolean;
}

export interface PropertySpec {
  readonly type: string;
  readonly all?: boolean;
  readonly pathSet?: readonly string[];
}

export interface ObjectSpec {
  readonly obj: Ref;
  readonly skip?: boolean;
  readonly selectSet?: readonly Selection[];
}

export interface Selection {
  readonly $type: string;
  readonly name?: string;
  readonly type?: string;
  readonly path?: string;
  readonly skip?: boolean;
  readonly selectSet?: readonly Selection[];
}

/** Finds an object of the inventory or of the connection; undefined when it is gone. */
export type Lookup = (which: Ref) => ManagedObject | undefined;

export function checkSpec(spec: FilterSpec): void {
  for (const set of spec.propSet) for (const path of set.pathSet ?? []) checkPath(set.type, path);
}

/** Objects that a filter selects, in the order of the traversal, each once. */
export function selectObjects(spec: FilterSpec, lookup: Lookup): ManagedObject[] {
  const found = new Map<string, ManagedObject>();
  for (const start of spec.objectSet) {
    const object = lookup(start.obj);
    if (object === undefined) {
      if (spec.reportMissingObjectsInResults === true) continue;
      throw new VimFault(
        'ManagedObjectNotFound',
        `The object '${start.obj.type}:${start.obj.value}' has already been deleted or has not been completely created`,
        { obj: start.obj },
      );
    }
    if (start.skip !== true) found.set(refKey(object.ref), object);
    const named = new Map<string, Selection>();
    collectNames(start.selectSet ?? [], named);
    traverse({ lookup, named, found, seen: new Set() }, object, start.selectSet ?? []);
  }
  const types = spec.propSet.map((set) => set.type);
  return [...found.values()].filter((object) => types.some((type) => isA(object.ref.type, type)));
}

interface Walk {
  readonly lookup: Lookup;
  readonly named: ReadonlyMap<string, Selection>;
  readonly found: Map<string, ManagedObject>;
  /** Object and traversal pairs already walked: named selections recurse. */
  readonly seen: Set<string>;
}

function collectNames(selections: readonly Selection[], named: Map<string, Selection>): void {
  for (const selection of selections) {
    if (selection.$type !== 'TraversalSpec') continue;
    if (selection.name !== undefined) named.set(selection.name, selection);
    collectNames(selection.selectSet ?? [], named);
  }
}

function traverse(walk: Walk, object: ManagedObject, selections: readonly Selection[]): void {
  for (const selection of selections) {
    const spec =
      selection.$type === 'TraversalSpec' ? selection : walk.named.get(selection.name ?? '');
    if (spec === undefined)
      throw new VimFault('InvalidArgument', `No traversal is named ${selection.name}`, {
        invalidProperty: 'selectSet',
      });
    if (!isA(object.ref.type, spec.type!)) continue;
    const mark = `${refKey(object.ref)}/${spec.type}/${spec.path}/${spec.name ?? ''}`;
    if (walk.seen.has(mark)) continue;
    walk.seen.add(mark);
    const value = readPath(object, spec.path!)?.value;
    for (const next of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const target = isRef(next) ? walk.lookup(next) : undefined;
      if (target === undefined) continue;
      if (spec.skip !== true) walk.found.set(refKey(target.ref), target);
      traverse(walk, target, spec.selectSet ?? []);
    }
  }
}
