import type { DatastoreInfo } from '#core/vm.ts';
import { readObject } from './properties.ts';
import { booleanAt, numberAt, textAt } from './value.ts';
import { decodeName } from './names.ts';
import type { Vim } from './vim.ts';

/** Space and state of a datastore as vSphere last saw it. Throws `not-found`. */
export async function readDatastore(
  vim: Vim,
  moref: string,
  signal: AbortSignal,
): Promise<DatastoreInfo> {
  const { values } = await readObject(
    vim.connection,
    { type: 'Datastore', value: moref },
    { paths: ['summary'], signal },
  );
  const summary = values['summary'];
  return {
    moref,
    name: decodeName(textAt(summary, 'name') ?? ''),
    type: textAt(summary, 'type') ?? '',
    accessible:
      booleanAt(summary, 'accessible') === true &&
      ['normal', undefined].includes(textAt(summary, 'maintenanceMode')),
    freeBytes: numberAt(summary, 'freeSpace') ?? 0,
    capacityBytes: numberAt(summary, 'capacity') ?? 0,
    url: textAt(summary, 'url') ?? '',
  };
}
