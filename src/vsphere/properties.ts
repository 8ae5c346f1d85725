import { toErrorRecord } from '#core/error.ts';
import type { Moref } from '#core/vm.ts';
import type { CallOptions, Connection } from './connection.ts';
import { faultOf } from './fault.ts';
import {
  asList,
  listAt,
  morefAt,
  morefOf,
  required,
  textAt,
  typeOf,
  at,
  type VimObject,
  type VimValue,
} from './value.ts';

/**
 * Objects asked for at a time. `soap` decodes a page in one go, and nothing else runs meanwhile:
 * 20 VMs with their devices take it some 25 ms, 100 objects with single values less.
 */
const pageObjects = { bulky: 20, plain: 100 } as const;

/** Paths whose values are whole trees. */
const bulkyPaths = new Set(['config', 'config.hardware.device', 'config.extraConfig', 'snapshot']);

/** Properties of one object; what the account may not read is missing, with the fault's type. */
export interface ObjectProperties {
  readonly object: Moref;
  readonly values: Readonly<Record<string, VimValue>>;
  readonly missing: ReadonlyMap<string, string>;
}

/** Properties of one object by path. Throws `not-found` when it is gone. */
export async function readObject(
  connection: Connection,
  object: Moref,
  options: CallOptions & { readonly paths: readonly string[] },
): Promise<ObjectProperties> {
  const filter = {
    propSet: [{ type: object.type, pathSet: options.paths }],
    objectSet: [{ obj: object }],
  };
  const found = await readFiltered(connection, filter, options);
  return required(found[0], `properties of ${object.type} ${object.value}`);
}

/** A PropertyFilterSpec, as far as it matters here. */
interface Filter {
  readonly propSet: readonly { readonly type: string; readonly pathSet: readonly string[] }[];
  readonly objectSet: readonly VimObject[];
}

/** All objects that a filter selects, page after page. */
export async function readFiltered(
  connection: Connection,
  filter: Filter,
  options: CallOptions,
): Promise<readonly ObjectProperties[]> {
  const bulky = filter.propSet.some(({ pathSet }) => pathSet.some((path) => bulkyPaths.has(path)));
  const maxObjects = bulky ? pageObjects.bulky : pageObjects.plain;
  return freshlyBound(connection, async () => {
    const collector = connection.service('propertyCollector');
    const found: ObjectProperties[] = [];
    let page = await connection.call(
      'RetrievePropertiesEx',
      { _this: collector, specSet: [{ ...filter }], options: { maxObjects } },
      options,
    );
    for (;;) {
      for (const object of listAt(page, 'objects')) found.push(objectProperties(object));
      const token = textAt(page, 'token');
      if (token === undefined) return found;
      page = await nextPage(connection, collector, { ...options, token });
    }
  });
}

async function nextPage(
  connection: Connection,
  collector: Moref,
  { token, ...options }: CallOptions & { readonly token: string },
): Promise<VimValue | undefined> {
  try {
    return await connection.call(
      'ContinueRetrievePropertiesEx',
      { _this: collector, token },
      options,
    );
  } catch (error) {
    // The server keeps the rest of the answer for us until told otherwise.
    await connection
      .cleanUp('CancelRetrievePropertiesEx', { _this: collector, token })
      .catch(() => undefined); // the first error matters
    throw error;
  }
}

/** Properties of every object of the given types, below the root folder. */
export async function readAll(
  connection: Connection,
  types: Readonly<Record<string, readonly string[]>>,
  options: CallOptions,
): Promise<readonly ObjectProperties[]> {
  return freshlyBound(connection, async () => {
    const view = await createView(connection, Object.keys(types), options);
    try {
      return await readFiltered(connection, viewFilter(view, types), options);
    } finally {
      await connection.cleanUp('DestroyView', { _this: view }).catch((error: unknown) => {
        connection.log.info('A container view was not destroyed; it ends with the login.', {
          error: toErrorRecord(error),
        });
      });
    }
  });
}

/** A view of every object of the given types below the root folder; it lives in the login. */
export async function createView(
  connection: Connection,
  types: readonly string[],
  options: CallOptions,
): Promise<Moref> {
  const parameters = {
    _this: connection.service('viewManager'),
    container: connection.service('rootFolder'),
    type: types,
    recursive: true,
  };
  const view = await connection.call('CreateContainerView', parameters, options);
  return required(morefOf(view), 'container view');
}

export function viewFilter(
  view: Moref,
  types: Readonly<Record<string, readonly string[]>>,
): Filter {
  return {
    propSet: Object.entries(types).map(([type, pathSet]) => ({ type, pathSet })),
    objectSet: [
      {
        obj: view,
        skip: true,
        selectSet: [{ $type: 'TraversalSpec', type: 'ContainerView', path: 'view', skip: false }],
      },
    ],
  };
}

/** Runs work that lives inside one login once more when there was a new login meanwhile. */
async function freshlyBound<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  const { epoch } = connection;
  try {
    return await work();
  } catch (error) {
    if (connection.epoch === epoch || faultOf(error) === undefined) throw error;
    return work();
  }
}

export function objectProperties(value: VimValue): ObjectProperties {
  const values: Record<string, VimValue> = {};
  for (const property of listAt(value, 'propSet')) {
    const val = at(property, 'val');
    if (val !== undefined) values[textAt(property, 'name') ?? ''] = val;
  }
  const missing = new Map(
    asList(at(value, 'missingSet')).map((entry) => [
      textAt(entry, 'path') ?? '',
      typeOf(at(entry, 'fault.fault')),
    ]),
  );
  return { object: required(morefAt(value, 'obj'), 'object reference'), values, missing };
}
