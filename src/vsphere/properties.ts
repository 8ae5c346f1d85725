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

/** `soap` decodes a page in one go: small pages keep the event loop free. */
const pageObjects = 40;

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

/** All objects that a PropertyFilterSpec selects, page after page. */
export async function readFiltered(
  connection: Connection,
  filter: VimObject,
  options: CallOptions,
): Promise<readonly ObjectProperties[]> {
  return freshlyBound(connection, async () => {
    const collector = connection.service('propertyCollector');
    const found: ObjectProperties[] = [];
    let page = await connection.call(
      'RetrievePropertiesEx',
      { _this: collector, specSet: [filter], options: { maxObjects: pageObjects } },
      options,
    );
    for (;;) {
      found.push(...listAt(page, 'objects').map(objectProperties));
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
      .call('CancelRetrievePropertiesEx', { _this: collector, token }, cleanupCall(connection))
      .catch(() => undefined); // the first error matters
    throw error;
  }
}

/** Properties of every object of the given types below `container`. */
export async function readAll(
  connection: Connection,
  types: Readonly<Record<string, readonly string[]>>,
  options: CallOptions,
): Promise<readonly ObjectProperties[]> {
  return freshlyBound(connection, async () => {
    const view = required(
      morefOf(
        await connection.call(
          'CreateContainerView',
          {
            _this: connection.service('viewManager'),
            container: connection.service('rootFolder'),
            type: Object.keys(types),
            recursive: true,
          },
          options,
        ),
      ),
      'container view',
    );
    try {
      return await readFiltered(connection, viewFilter(view, types), options);
    } finally {
      await connection
        .call('DestroyView', { _this: view }, cleanupCall(connection))
        .catch((error: unknown) => {
          connection.log.info('A container view was not destroyed; it ends with the login.', {
            error: toErrorRecord(error),
          });
        });
    }
  });
}

function viewFilter(view: Moref, types: Readonly<Record<string, readonly string[]>>): VimObject {
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

/** Cleaning up must not die with the signal that stopped the work. */
export function cleanupCall(connection: Connection): CallOptions {
  return { signal: connection.signal, deadlineMs: 15_000 };
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
