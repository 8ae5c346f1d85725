import { ColdframeError } from '#core/error.ts';

/*
 * The schema is written down in a notation of our own, because vim25's WSDL is
 * not ours to ship and 54 kB of XML are not for reading:
 *
 *   VirtualDisk < VirtualDevice: capacityInKB long, shares SharesInfo?@6.0, iofilter string[]?
 *
 * A type, its base, then its own fields in the order in which vCenter wants them.
 * `[]` repeats, `?` may be absent, `@v` exists since API version v. `moref` is a
 * ManagedObjectReference. A definition goes on in indented lines. Enumerations
 * are strings here.
 */

export interface Field {
  readonly name: string;
  /** A primitive, `moref`, or the name of a type. */
  readonly type: string;
  readonly repeats: boolean;
  readonly optional: boolean;
  /** API version that brought it; absent = every version that we talk to. */
  readonly since?: string;
}

export interface TypeDefinition {
  readonly name: string;
  readonly base?: string;
  /** Its own fields, without the base's. */
  readonly fields: readonly Field[];
}

export interface Operation {
  readonly name: string;
  readonly parameters: readonly Field[];
  readonly answer?: Field;
}

export const primitives: ReadonlySet<string> = new Set([
  'anyType',
  'base64',
  'boolean',
  'byte',
  'dateTime',
  'double',
  'float',
  'int',
  'long',
  'short',
  'string',
]);

export function parseTypes(text: string): readonly TypeDefinition[] {
  return definitions(text).map((line) => {
    const match = /^(\w+)(?: < (\w+))?(?:: (.*))?$/.exec(line);
    if (match === null) throw malformed(line);
    const [, name = '', base, fields] = match;
    return { name, ...(base === undefined ? {} : { base }), fields: parseFields(fields) };
  });
}

export function parseOperations(text: string): readonly Operation[] {
  return definitions(text).map((line) => {
    const match = /^(\w+)\((.*)\)(?: (\S+))?$/.exec(line);
    if (match === null) throw malformed(line);
    const [, name = '', parameters, answer] = match;
    return {
      name,
      parameters: parseFields(parameters),
      ...(answer === undefined ? {} : { answer: parseField(`returnval ${answer}`) }),
    };
  });
}

function definitions(text: string): readonly string[] {
  return text
    .replaceAll(/\n {2}/g, ' ')
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '))
    .filter((line) => line !== '');
}

function parseFields(text: string | undefined): readonly Field[] {
  return text === undefined ? [] : text.split(', ').map(parseField);
}

function parseField(text: string): Field {
  const match = /^(\w+) (\w+)(\[\])?(\?)?(?:@([\d.]+))?$/.exec(text);
  if (match === null) throw malformed(text);
  const [, name = '', type = '', repeats, optional, since] = match;
  return {
    name,
    type,
    repeats: repeats !== undefined,
    optional: optional !== undefined,
    ...(since === undefined ? {} : { since }),
  };
}

function malformed(text: string): ColdframeError {
  return new ColdframeError('internal', `The vim25 schema has a malformed line: ${text}`);
}
