import type { TypeExpression } from '../schema/table.ts';

/** A managed object reference as it travels in values. */
export interface Ref {
  readonly $type: 'ManagedObjectReference';
  readonly type: string;
  readonly value: string;
}

export function ref(type: string, value: string): Ref {
  return { $type: 'ManagedObjectReference', type, value };
}

export function isRef(value: unknown): value is Ref {
  return hasType(value) && value.$type === 'ManagedObjectReference';
}

export function refKey(of: Ref): string {
  return `${of.type}:${of.value}`;
}

/** A data object; `$type` may be left out where the declared type is the real one. */
export interface VimObject {
  readonly $type: string;
}

export function hasType(value: unknown): value is VimObject {
  return typeof value === 'object' && value !== null && '$type' in value;
}

/** A value for an `anyType` slot whose type is known and may be primitive or an array. */
export class Typed {
  readonly type: TypeExpression;
  readonly value: unknown;

  constructor(type: TypeExpression, value: unknown) {
    this.type = type;
    this.value = value;
  }
}

/** Field of a data object by name; undefined when unset. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
