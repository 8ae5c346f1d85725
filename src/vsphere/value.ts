import { ColdframeError } from '#core/error.ts';
import type { Moref } from '#core/vm.ts';

/**
 * vim25 values as this room hands them about: the decoder's answers and the
 * encoder's arguments. A complex value is a plain object; `$type` names its type
 * where that is not the declared one. A reference is {type, value}. Dates stay the
 * text that was sent.
 */
export type VimValue = string | number | boolean | Moref | VimObject | readonly VimValue[];

export interface VimObject {
  readonly $type?: string;
  readonly [field: string]: VimValue | undefined;
}

/** The object that everything begins with. */
export const serviceInstance: Moref = { type: 'ServiceInstance', value: 'ServiceInstance' };

/** A field's value by dotted path, undefined as soon as a step is missing. */
export function at(value: VimValue | undefined, path: string): VimValue | undefined {
  let current: VimValue | undefined = value;
  for (const step of path.split('.')) {
    if (typeof current !== 'object' || Array.isArray(current)) return undefined;
    current = (current as VimObject)[step];
  }
  return current;
}

export function textAt(value: VimValue | undefined, path: string): string | undefined {
  const found = at(value, path);
  if (typeof found === 'string') return found;
  return typeof found === 'number' || typeof found === 'boolean' ? String(found) : undefined;
}

export function numberAt(value: VimValue | undefined, path: string): number | undefined {
  const found = at(value, path);
  if (typeof found === 'number') return found;
  return typeof found === 'string' && /^-?\d+$/.test(found) ? Number(found) : undefined;
}

export function booleanAt(value: VimValue | undefined, path: string): boolean | undefined {
  const found = at(value, path);
  if (typeof found === 'boolean') return found;
  return found === 'true' ? true : found === 'false' ? false : undefined;
}

export function morefAt(value: VimValue | undefined, path: string): Moref | undefined {
  const found = at(value, path);
  return isMoref(found) ? found : undefined;
}

/** The list at `path`: empty when absent, of one when a single value was sent. */
export function listAt(value: VimValue | undefined, path: string): readonly VimValue[] {
  return asList(at(value, path));
}

export function asList(value: VimValue | undefined): readonly VimValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly VimValue[]) : [value];
}

export function isMoref(value: VimValue | undefined): value is Moref {
  return (
    typeof value === 'object' &&
    !Array.isArray(value) &&
    typeof (value as VimObject)['type'] === 'string' &&
    typeof (value as VimObject)['value'] === 'string' &&
    (value as VimObject).$type === undefined
  );
}

export function morefOf(value: VimValue | undefined): Moref | undefined {
  return isMoref(value) ? value : undefined;
}

export function typeOf(value: VimValue | undefined): string {
  return typeof value === 'object' && !Array.isArray(value) && !isMoref(value)
    ? ((value as VimObject).$type ?? '')
    : '';
}

/** For answers that the API promises: their absence is the server's mistake. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined)
    throw new ColdframeError(
      'vsphere-fault',
      `vSphere sent no ${what}. Try again; if it stays, look at the server's health.`,
    );
  return value;
}
