import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Field } from '#vsphere/schema/notation.ts';
import { operations, tableVersion, types } from '#vsphere/schema/table.ts';
import { compareVersions } from '#vsphere/schema/version.ts';

/*
 * A developer's check, not part of `npm test`: holds the schema table against the API's types as
 * govmomi publishes them. Run it after every change of the table:
 *
 *   go mod download -json github.com/vmware/govmomi@v0.52.0      (prints the folder)
 *   node test/contract/vsphere-schema.ts FOLDER/vim25/types/types.go
 */

interface Struct {
  readonly base: string | undefined;
  readonly fields: readonly Field[];
}

/** Decoded only, and on purpose without the managers that we do not use. */
const partial = new Set(['ServiceContent']);

const goTypes: Readonly<Record<string, string>> = {
  int16: 'short',
  int32: 'int',
  int64: 'long',
  bool: 'boolean',
  float32: 'float',
  float64: 'double',
  'time.Time': 'dateTime',
  AnyType: 'anyType',
  ByteSlice: 'base64',
  byte: 'base64',
  '[]byte': 'base64',
  ManagedObjectReference: 'moref',
};

const { positionals } = parseArgs({ allowPositionals: true });
const structs = readStructs(readFileSync(positionals[0] ?? '', 'utf8'));
const wrong: string[] = [];

for (const { name, base = 'DynamicData', fields } of types.values()) {
  const published = structs.get(name);
  if (published === undefined) wrong.push(`${name} is not a published type`);
  else {
    if (!name.startsWith('ArrayOf') && base !== (published.base ?? 'DynamicData'))
      wrong.push(`${name} extends ${published.base ?? 'nothing'}, not ${base}`);
    compareFields(name, fields, published.fields);
  }
}
for (const { name, parameters, answer } of operations.values()) {
  compareFields(
    name,
    parameters,
    structs.get(`${name.replace(/_Task$/, '')}RequestType`)?.fields ?? [],
  );
  compareFields(
    `${name}Response`,
    answer === undefined ? [] : [answer],
    structs.get(`${name}Response`)?.fields ?? [],
  );
}

for (const line of wrong) process.stdout.write(`${line}\n`);
process.stdout.write(
  `${types.size} types and ${operations.size} calls compared, ${wrong.length} differences\n`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;

function compareFields(owner: string, ours: readonly Field[], published: readonly Field[]): void {
  const wanted = published.filter(
    ({ name, since }) =>
      (since === undefined || compareVersions(since, tableVersion) <= 0) &&
      (!partial.has(owner) || ours.some((field) => field.name === name)),
  );
  for (let i = 0; i < Math.max(ours.length, wanted.length); i++) {
    const [a, b] = [show(ours[i]), show(wanted[i])];
    if (a !== b) {
      wrong.push(`${owner}: field ${i + 1} is ${a}, published is ${b}`);
      return;
    }
  }
}

function show(field: Field | undefined): string {
  if (field === undefined) return 'absent';
  const { name, type, repeats, optional, since } = field;
  const version = since === undefined ? '' : `@${since.replace(/(\.0)+$/, '')}`;
  return `${name} ${type}${repeats ? '[]' : ''}${optional ? '?' : ''}${version}`;
}

function readStructs(go: string): ReadonlyMap<string, Struct> {
  const found = new Map<string, Struct>();
  for (const [, name = '', body = ''] of go.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const lines = body.split('\n').map((line) => line.trim());
    const base = lines
      .map((line) => /^(\w+)(?:\s+`.*`)?$/.exec(line)?.[1])
      .find((embedded) => embedded !== undefined);
    found.set(name, { base, fields: lines.flatMap((line) => fieldOf(line)) });
  }
  const names = new Set(found.keys());
  for (const [name, { base, fields }] of found)
    found.set(name, {
      base,
      fields: fields.map((field) => ({ ...field, type: xmlType(field.type, names) })),
    });
  return found;
}

function fieldOf(line: string): Field[] {
  const match = /^\w+\s+(\[\])?(\*?[\w.]+|\[\]byte)\s+`(.*)`$/.exec(line);
  const [name = '', ...flags] = /xml:"([^"]*)"/.exec(match?.[3] ?? '')?.[1]?.split(',') ?? [];
  if (match === null || name === '-' || flags.includes('attr') || flags.includes('chardata'))
    return [];
  const [, repeats, type = '', tags = ''] = match;
  const since = /vim:"([^"]*)"/.exec(tags)?.[1];
  return [
    {
      name,
      type,
      repeats: repeats !== undefined && type !== 'byte', // []byte is one base64 text
      optional: flags.includes('omitempty') || type.startsWith('*'),
      ...(since === undefined ? {} : { since }),
    },
  ];
}

/** Enumerations and other named strings are strings in our table. */
function xmlType(go: string, names: ReadonlySet<string>): string {
  const plain = go.replace(/^\*/, '');
  const known = goTypes[plain];
  if (known !== undefined) return known;
  if (names.has(plain)) return plain;
  const interfaceOf = plain.replace(/^Base/, '');
  return names.has(interfaceOf) ? interfaceOf : 'string';
}
