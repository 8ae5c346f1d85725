import { ColdframeError } from '#core/error.ts';
import { backingTypes } from './backing-types.ts';
import { deviceTypes } from './device-types.ts';
import {
  parseOperations,
  parseTypes,
  type Field,
  type Operation,
  type TypeDefinition,
} from './notation.ts';
import { operations as operationText } from './operations.ts';
import { protocolTypes } from './protocol-types.ts';
import { vappTypes } from './vapp-config-types.ts';
import { vmConfigTypes } from './vm-config-types.ts';
import { vmStateTypes } from './vm-state-types.ts';

/** Newest API version whose fields the table knows. */
export const tableVersion = '8.0.3.0';

export const types: ReadonlyMap<string, TypeDefinition> = new Map(
  [protocolTypes, deviceTypes, backingTypes, vmConfigTypes, vappTypes, vmStateTypes]
    .flatMap(parseTypes)
    .map((type) => [type.name, type]),
);

export const operations: ReadonlyMap<string, Operation> = new Map(
  parseOperations(operationText).map((operation) => [operation.name, operation]),
);

const fieldsOfType = new Map<string, readonly Field[]>();

/** All fields of a type in wire order: the base's first. */
export function allFields(typeName: string): readonly Field[] {
  const known = fieldsOfType.get(typeName);
  if (known !== undefined) return known;
  const type = types.get(typeName);
  if (type === undefined)
    throw new ColdframeError('internal', `The vim25 schema has no type ${typeName}.`);
  const fields = type.base === undefined ? type.fields : [...allFields(type.base), ...type.fields];
  fieldsOfType.set(typeName, fields);
  return fields;
}

/** Whether `typeName` is `ancestor` or derives from it. */
export function isA(typeName: string, ancestor: string): boolean {
  for (let name: string | undefined = typeName; name !== undefined; name = types.get(name)?.base)
    if (name === ancestor) return true;
  return false;
}
