import type { Moref } from '#core/vm.ts';
import type { CallOptions, Connection } from './connection.ts';
import { readFiltered, type ObjectProperties } from './properties.ts';
import { textAt, morefAt } from './value.ts';

export interface Ancestor {
  readonly object: Moref;
  /** As stored, escapes kept. */
  readonly name: string;
}

const up = [{ name: 'entity' }, { name: 'vm' }, { name: 'vapp' }];

/** The inventory objects above `start`, nearest first, the root folder left out. */
export async function ancestorsOf(
  connection: Connection,
  start: Moref,
  options: CallOptions,
): Promise<readonly Ancestor[]> {
  const step = (name: string, type: string, path: string) => ({
    $type: 'TraversalSpec',
    name,
    type,
    path,
    skip: false,
    selectSet: up,
  });
  const found = await readFiltered(
    connection,
    {
      propSet: [
        { type: 'ManagedEntity', pathSet: ['name', 'parent'] },
        { type: 'VirtualMachine', pathSet: ['parentVApp'] },
        { type: 'VirtualApp', pathSet: ['parentFolder'] },
      ],
      objectSet: [
        {
          obj: start,
          skip: false,
          selectSet: [
            step('entity', 'ManagedEntity', 'parent'),
            step('vm', 'VirtualMachine', 'parentVApp'),
            step('vapp', 'VirtualApp', 'parentFolder'),
          ],
        },
      ],
    },
    options,
  );
  return pathUpwards(start, new Map(found.map((entry) => [entry.object.value, entry])), connection);
}

/** Folders hold vApps and VMs besides the resource pools that are their `parent`. */
export function parentOf({ values }: Pick<ObjectProperties, 'values'>): Moref | undefined {
  return (
    morefAt(values, 'parentFolder') ?? morefAt(values, 'parent') ?? morefAt(values, 'parentVApp')
  );
}

type KnownObjects = Pick<ReadonlyMap<string, ObjectProperties>, 'get'>;

export function pathUpwards(
  start: Moref,
  known: KnownObjects,
  connection: Connection,
): readonly Ancestor[] {
  const root = connection.service('rootFolder').value;
  const path: Ancestor[] = [];
  const seen = new Set<string>([start.value]);
  for (
    let next = parentAmong(known, start.value);
    next !== undefined && next.value !== root && !seen.has(next.value);
    next = parentAmong(known, next.value)
  ) {
    seen.add(next.value);
    path.push({ object: next, name: textAt(known.get(next.value)?.values, 'name') ?? next.value });
  }
  return path;
}

function parentAmong(known: KnownObjects, moref: string): Moref | undefined {
  const entry = known.get(moref);
  return entry === undefined ? undefined : parentOf(entry);
}

/** "Datacenter/vm/Folder" out of ancestors, nearest first. */
export function folderPath(ancestors: readonly Ancestor[]): string {
  return ancestors
    .map(({ name }) => name)
    .reverse()
    .join('/');
}
