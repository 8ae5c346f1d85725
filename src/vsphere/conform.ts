import { allFields, types, isA } from './schema/table.ts';
import type { Field } from './schema/notation.ts';
import { compareVersions } from './schema/version.ts';
import { asList, isMoref, type VimObject, type VimValue } from './value.ts';

/**
 * Keeps of a captured value what may be sent as `typeName` to a server that speaks
 * `apiVersion`: known fields, known sub-types, nothing newer.
 */
export function conform(value: VimObject, typeName: string, apiVersion: string): VimObject {
  const actual = subtypeOf(value.$type, typeName);
  const kept: Record<string, VimValue> = actual === typeName ? {} : { $type: actual };
  for (const field of allFields(actual)) {
    const found = value[field.name];
    if (found === undefined || isTooNew(field, apiVersion)) continue;
    kept[field.name] = field.repeats
      ? asList(found).map((item) => conformItem(item, field.type, apiVersion))
      : conformItem(found, field.type, apiVersion);
  }
  return kept;
}

function conformItem(value: VimValue, typeName: string, apiVersion: string): VimValue {
  const complex = types.has(typeName) && typeof value === 'object';
  if (!complex || Array.isArray(value) || isMoref(value)) return value;
  return conform(value as VimObject, typeName, apiVersion);
}

function subtypeOf(actual: string | undefined, declared: string): string {
  return actual !== undefined && types.has(actual) && isA(actual, declared) ? actual : declared;
}

function isTooNew({ since }: Field, apiVersion: string): boolean {
  return since !== undefined && compareVersions(since, apiVersion) > 0;
}
