import type { VimObject, VimValue } from './value.ts';

/**
 * Turns what `soap` decoded into VimValues. The server chooses the prefix of the
 * xsi namespace (vcsim: XMLSchema-instance), so a type is any attribute that ends
 * in `:type`; a bare `type` attribute makes the element a reference.
 */
export function normalise(decoded: unknown): VimValue | undefined {
  if (decoded === null || decoded === undefined) return undefined;
  if (typeof decoded === 'string' || typeof decoded === 'number' || typeof decoded === 'boolean')
    return decoded;
  if (Array.isArray(decoded)) return decoded.map((item) => normalise(item) ?? {});
  const { attributes = {}, $value: text, ...fields } = decoded as SoapElement;
  const typeKey = Object.keys(attributes).find((key) => key.endsWith(':type'));
  const typeName = typeKey === undefined ? undefined : localName(attributes[typeKey] ?? '');
  const reference = attributes['type'];
  if (reference !== undefined) return { type: reference, value: scalarText(text) };
  const scalar = typeName === undefined ? undefined : scalarOf(typeName, scalarText(text));
  if (scalar !== undefined) return scalar;
  if (typeName?.startsWith('ArrayOf') === true) {
    const [items] = Object.values(fields);
    return items === undefined ? [] : [items].flat().map((item) => normalise(item) ?? {});
  }
  // An enumeration, as in <val xsi:type="TaskInfoState">success</val>.
  if (text !== undefined) return scalarText(text);
  return normaliseFields(fields, typeName);
}

interface SoapElement {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly $value?: unknown;
  readonly [field: string]: unknown;
}

function normaliseFields(
  fields: Readonly<Record<string, unknown>>,
  typeName: string | undefined,
): VimObject {
  const object: Record<string, VimValue> = {};
  for (const [name, value] of Object.entries(fields)) {
    const normal = normalise(value);
    if (normal !== undefined) object[name] = normal;
  }
  return typeName === undefined ? object : { $type: typeName, ...object };
}

const scalars = new Set([
  'string',
  'boolean',
  'byte',
  'short',
  'int',
  'long',
  'float',
  'double',
  'dateTime',
  'anyURI',
  'base64Binary',
]);

/** Undefined when it is no scalar type. */
export function scalarOf(typeName: string, text: string): VimValue | undefined {
  return scalars.has(typeName) ? convert(typeName, text) : undefined;
}

function convert(typeName: string, text: string): VimValue {
  switch (typeName) {
    case 'boolean':
      return text === 'true' || text === '1';
    case 'byte':
    case 'short':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
      return Number(text);
    default:
      return text;
  }
}

function scalarText(text: unknown): string {
  return typeof text === 'string' || typeof text === 'number' || typeof text === 'boolean'
    ? String(text)
    : '';
}

function localName(qualified: string): string {
  return qualified.slice(qualified.indexOf(':') + 1);
}
