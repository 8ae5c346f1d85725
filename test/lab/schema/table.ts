import { configTypes } from './config-types.ts';
import { deviceTypes } from './device-types.ts';
import { faultTypes } from './fault-types.ts';
import { inventoryTypes } from './inventory-types.ts';
import { managedTypes } from './managed-types.ts';
import { operationLines } from './operations.ts';
import { protocolTypes } from './protocol-types.ts';
import { vmTypes } from './vm-types.ts';

/**
 * The vim25 types, managed objects and operations that the lab knows, read from
 * one-line-per-type tables: `Name(Base) field:type field:type[]? ...` in wire order.
 * `[]` marks arrays, `?` optional fields, `~` string enumerations.
 */
export interface TypeExpression {
  readonly name: string;
  readonly array: boolean;
  readonly optional: boolean;
  readonly enumeration: boolean;
}

export interface Field {
  readonly name: string;
  readonly type: TypeExpression;
}

export interface VimType {
  readonly name: string;
  readonly base: string | undefined;
  /** Base first, in wire order. */
  readonly fields: readonly Field[];
}

export interface Operation {
  readonly name: string;
  readonly result: TypeExpression;
  readonly parameters: readonly Field[];
}

const primitives = new Set(
  'string int long short byte boolean dateTime double float anyType base64Binary void'.split(' '),
);

export function isPrimitive(name: string): boolean {
  return primitives.has(name);
}

export function parseType(text: string): TypeExpression {
  const match = /^(~?)(\w+)(\[\])?(\?)?$/.exec(text);
  if (match === null) throw new Error(`bad type expression ${text}`);
  return {
    name: match[2]!,
    array: match[3] !== undefined,
    optional: match[4] !== undefined,
    enumeration: match[1] === '~',
  };
}

function parseFields(words: readonly string[]): Field[] {
  return words.map((word) => {
    const colon = word.indexOf(':');
    return { name: word.slice(0, colon), type: parseType(word.slice(colon + 1)) };
  });
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function parseTypes(text: string): Map<string, VimType> {
  const own = new Map<string, { base: string | undefined; fields: Field[] }>();
  for (const line of linesOf(text)) {
    const [head, ...words] = line.split(' ');
    const match = /^(\w+)(?:\((\w+)\))?$/.exec(head!);
    if (match === null) throw new Error(`bad type line ${line}`);
    own.set(match[1]!, { base: match[2], fields: parseFields(words) });
  }
  const fieldsOf = (name: string): Field[] => {
    const type = own.get(name);
    if (type === undefined) throw new Error(`unknown base type ${name}`);
    return [...(type.base === undefined ? [] : fieldsOf(type.base)), ...type.fields];
  };
  return new Map(
    [...own].map(([name, { base }]) => [name, { name, base, fields: fieldsOf(name) }]),
  );
}

export const dataTypes: ReadonlyMap<string, VimType> = parseTypes(
  [configTypes, deviceTypes, faultTypes, inventoryTypes, protocolTypes, vmTypes].join('\n'),
);

export const managedObjectTypes: ReadonlyMap<string, VimType> = parseTypes(managedTypes);

export const operations: ReadonlyMap<string, Operation> = new Map(
  linesOf(operationLines).map((line) => {
    const [name, result, ...words] = line.split(' ');
    return [name!, { name: name!, result: parseType(result!), parameters: parseFields(words) }];
  }),
);

/** True when `name` is `base` or inherits from it; for data types and managed objects. */
export function isA(name: string, base: string): boolean {
  for (let at: string | undefined = name; at !== undefined;) {
    if (at === base) return true;
    at = (dataTypes.get(at) ?? managedObjectTypes.get(at))?.base;
  }
  return base === 'ManagedObject' || base === 'DynamicData';
}
