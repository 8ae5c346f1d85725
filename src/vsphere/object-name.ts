import { ColdframeError } from '#core/error.ts';
import type { Moref } from '#core/vm.ts';
import type { Connection } from './connection.ts';
import { decodeName } from './names.ts';
import { readObject } from './properties.ts';
import { textAt } from './value.ts';

const lookDeadlineMs = 15_000;

/** NoPermission only has the object's reference; people know it by name. */
export async function withObjectName(connection: Connection, error: unknown): Promise<unknown> {
  if (!(error instanceof ColdframeError) || error.code !== 'no-permission') return error;
  const entity = error.details['entity'] as Moref | undefined;
  if (entity === undefined) return error;
  const name = await readObject(connection, entity, {
    // The work has failed already, perhaps because of its signal.
    signal: new AbortController().signal,
    deadlineMs: lookDeadlineMs,
    paths: ['name'],
  }).then(
    ({ values }) => textAt(values, 'name'),
    () => undefined, // the account may not even see it
  );
  if (name === undefined) return error;
  const reference = `${entity.type} ${entity.value}`;
  const entityName = decodeName(name);
  return new ColdframeError(
    error.code,
    error.message.replace(reference, `${entity.type} "${entityName}" (${entity.value})`),
    { details: { ...error.details, entityName }, cause: error.cause },
  );
}
