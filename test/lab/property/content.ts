import type { ManagedObject } from '../model/inventory.ts';
import { isA } from '../schema/table.ts';
import type { VimFault } from '../soap/fault.ts';
import type { Ref, Typed } from '../soap/values.ts';
import { allProperties, readPath } from './path.ts';
import type { FilterSpec } from './select.ts';

/** Says which privilege a property lacks, if any. */
export type ReadGuard = (object: Ref, path: string) => VimFault | undefined;

export interface Content {
  readonly values: ReadonlyMap<string, Typed>;
  readonly missing: ReadonlyMap<string, VimFault>;
}

/** The properties of one object that the filter asks for. */
export function readContent(spec: FilterSpec, object: ManagedObject, guard: ReadGuard): Content {
  const values = new Map<string, Typed>();
  const missing = new Map<string, VimFault>();
  for (const path of pathsFor(spec, object)) {
    const refused = guard(object.ref, path);
    if (refused !== undefined) {
      missing.set(path, refused);
      continue;
    }
    const value = readPath(object, path);
    if (value !== undefined) values.set(path, value);
  }
  return { values, missing };
}

function pathsFor(spec: FilterSpec, object: ManagedObject): Set<string> {
  const paths = new Set<string>();
  for (const set of spec.propSet) {
    if (!isA(object.ref.type, set.type)) continue;
    for (const path of set.all === true ? allProperties(object) : (set.pathSet ?? []))
      paths.add(path);
  }
  return paths;
}

export function missingSet(content: Content): object[] {
  return [...content.missing].map(([path, fault]) => ({ path, fault: fault.localized() }));
}

/** As ObjectContent of RetrievePropertiesEx. */
export function objectContent(object: Ref, content: Content): object {
  return {
    obj: object,
    propSet: [...content.values].map(([name, val]) => ({ name, val })),
    missingSet: missingSet(content),
  };
}
