import type { ManagedObject } from '../model/inventory.ts';
import type { TypeExpression } from '../schema/table.ts';
import { dataTypes, managedObjectTypes } from '../schema/table.ts';
import { VimFault } from '../soap/fault.ts';
import { fieldOf, hasType, Typed } from '../soap/values.ts';

/** Names of all properties of a managed object that the lab can show. */
export function allProperties(object: ManagedObject): string[] {
  const type = managedObjectTypes.get(object.ref.type);
  return (type?.fields ?? [])
    .map((field) => field.name)
    .filter((name) => object.read[name] !== undefined);
}

/** Throws InvalidProperty when the managed type has no such property. */
export function checkPath(managedType: string, path: string): void {
  const first = path.split('.')[0]!.replace(/\[.*$/, '');
  const type = managedObjectTypes.get(managedType);
  if (type !== undefined && !type.fields.some((field) => field.name === first))
    throw invalidProperty(path);
}

function invalidProperty(path: string): VimFault {
  return new VimFault('InvalidProperty', `The property ${path} does not exist.`, { name: path });
}

/**
 * Value of a property path such as `config.hardware.device` or `config.hardware.device[2000]`;
 * undefined when it, or something on the way, is unset.
 */
export function readPath(object: ManagedObject, path: string): Typed | undefined {
  const [first, ...rest] = splitPath(path);
  const field = managedObjectTypes
    .get(object.ref.type)
    ?.fields.find((each) => each.name === first!.name);
  if (field === undefined) throw invalidProperty(path);
  const read = object.read[first!.name];
  let at = pickElement(new Typed(field.type, read?.()), first!.key, path);
  for (const step of rest) {
    if (at === undefined || at.value === undefined) return undefined;
    at = pickElement(stepInto(at, step.name, path), step.key, path);
  }
  return at?.value === undefined || isEmptyArray(at) ? undefined : at;
}

/** vCenter leaves optional empty arrays unset except where the property itself is an array of its object. */
function isEmptyArray(of: Typed): boolean {
  return (
    Array.isArray(of.value) &&
    of.value.length === 0 &&
    of.type.optional &&
    dataTypes.has(of.type.name)
  );
}

interface Step {
  readonly name: string;
  readonly key: string | undefined;
}

function splitPath(path: string): Step[] {
  return path.split('.').map((part) => {
    const match = /^(\w+)(?:\["?([^"\]]*)"?\])?$/.exec(part);
    if (match === null) throw invalidProperty(path);
    return { name: match[1]!, key: match[2] };
  });
}

function stepInto(from: Typed, name: string, path: string): Typed {
  if (from.type.array) throw invalidProperty(path);
  const actual = hasType(from.value) ? from.value.$type : from.type.name;
  const field = dataTypes.get(actual)?.fields.find((each) => each.name === name);
  if (field === undefined) throw invalidProperty(path);
  return new Typed(field.type, fieldOf(from.value, name));
}

function pickElement(from: Typed, key: string | undefined, path: string): Typed | undefined {
  if (key === undefined) return from;
  if (!from.type.array) throw invalidProperty(path);
  const found = (from.value as readonly unknown[] | undefined)?.find(
    (item) => String(fieldOf(item, 'key')) === key,
  );
  const single: TypeExpression = { ...from.type, array: false };
  return found === undefined ? undefined : new Typed(single, found);
}
