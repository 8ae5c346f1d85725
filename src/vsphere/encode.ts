import { ColdframeError } from '#core/error.ts';
import type { Field } from './schema/notation.ts';
import { allFields, isA, operations, types } from './schema/table.ts';
import { compareVersions } from './schema/version.ts';
import { isMoref, type VimObject, type VimValue } from './value.ts';

/*
 * Bodies are built here and not by `soap`: vCenter wants the fields of base types
 * first and in order, and text from guests and users must never be read as XML.
 * Anything that the table does not know is a mistake of ours and is refused.
 */

const namespaces =
  'xmlns="urn:vim25" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"';

/** The request element of one operation. Fields newer than `apiVersion` are refused. */
export function encodeRequest(
  operation: string,
  parameters: VimObject,
  apiVersion?: string,
): string {
  const definition = operations.get(operation);
  if (definition === undefined) throw refuse(operation, 'is not an operation of the table');
  const body = encodeFields(definition.parameters, parameters, { path: operation, apiVersion });
  return `<${operation} ${namespaces}>${body}</${operation}>`;
}

interface Place {
  readonly path: string;
  readonly apiVersion: string | undefined;
}

function encodeFields(fields: readonly Field[], value: VimObject, place: Place): string {
  for (const name of Object.keys(value))
    if (name !== '$type' && !fields.some((field) => field.name === name))
      throw refuse(`${place.path}.${name}`, 'is unknown');
  return fields.map((field) => encodeField(field, value[field.name], place)).join('');
}

function encodeField(field: Field, value: VimValue | undefined, place: Place): string {
  const inner = { ...place, path: `${place.path}.${field.name}` };
  if (value === undefined) {
    if (field.optional) return '';
    throw refuse(inner.path, 'is missing');
  }
  if (field.since !== undefined && place.apiVersion !== undefined)
    if (compareVersions(field.since, place.apiVersion) > 0)
      throw refuse(inner.path, `needs API ${field.since}, the server speaks ${place.apiVersion}`);
  if (Array.isArray(value) !== field.repeats)
    throw refuse(inner.path, field.repeats ? 'must be a list' : 'must not be a list');
  return field.repeats
    ? (value as readonly VimValue[]).map((item) => encodeElement(field, item, inner)).join('')
    : encodeElement(field, value, inner);
}

function encodeElement({ name, type }: Field, value: VimValue, place: Place): string {
  if (type === 'moref') {
    if (!isMoref(value)) throw refuse(place.path, 'must be a reference');
    return `<${name} type="${escape(value.type, place)}">${escape(value.value, place)}</${name}>`;
  }
  if (type === 'anyType') return encodeAny(name, value, place);
  if (!types.has(type)) return `<${name}>${encodePrimitive(type, value, place)}</${name}>`;
  if (typeof value !== 'object' || Array.isArray(value) || isMoref(value))
    throw refuse(place.path, `must be a ${type}`);
  const object = value as VimObject;
  const actual = object.$type ?? type;
  if (!types.has(actual) || !isA(actual, type))
    throw refuse(place.path, `is no ${type}: ${actual}`);
  const attribute = actual === type ? '' : ` xsi:type="${actual}"`;
  return `<${name}${attribute}>${encodeFields(allFields(actual), object, place)}</${name}>`;
}

function encodeAny(name: string, value: VimValue, place: Place): string {
  const element = (type: string, content: string, attributes = ''): string =>
    `<${name} xsi:type="${type}"${attributes}>${content}</${name}>`;
  if (typeof value === 'string') return element('xsd:string', escape(value, place));
  if (typeof value === 'boolean') return element('xsd:boolean', String(value));
  if (typeof value === 'number') {
    const type = value === Math.trunc(value) && Math.abs(value) < 2 ** 31 ? 'int' : 'long';
    return element(`xsd:${type}`, encodePrimitive(type, value, place));
  }
  if (Array.isArray(value)) throw refuse(place.path, 'must not be a list');
  if (isMoref(value))
    return element(
      'ManagedObjectReference',
      escape(value.value, place),
      ` type="${escape(value.type, place)}"`,
    );
  const object = value as VimObject;
  const type = object.$type ?? '';
  if (!types.has(type)) throw refuse(place.path, `has no known type: ${type}`);
  return element(type, encodeFields(allFields(type), object, place));
}

function encodePrimitive(type: string, value: VimValue, place: Place): string {
  switch (type) {
    case 'string':
    case 'dateTime':
    case 'base64':
      if (typeof value === 'string') return escape(value, place);
      break;
    case 'boolean':
      if (typeof value === 'boolean') return String(value);
      break;
    case 'double':
    case 'float':
      if (typeof value === 'number' && Number.isFinite(value)) return String(value);
      break;
    default:
      if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  }
  throw refuse(place.path, `must be of type ${type}`);
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

// Everything that XML 1.0 does not allow, lone surrogates included.
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

function escape(text: string, place: Place): string {
  if (forbidden.test(text)) throw refuse(place.path, 'holds a character that XML cannot carry');
  return text.replaceAll(/[&<>"\t\n\r]/g, (character) => escapes[character] ?? character);
}

function refuse(path: string, reason: string): ColdframeError {
  return new ColdframeError(
    'invalid-input',
    `The request to vSphere is wrong: ${path} ${reason}.`,
    {
      details: { path },
    },
  );
}
