/**
 * Writes the members of an OVA into a folder and prints their names in the order in
 * which the OVA must hold them. Called by ova-build.sh.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ColdframeError } from '#core/error.ts';
import { ovfDescriptor } from '../ovf/descriptor.ts';
import { manifest } from '#ovf/manifest.ts';
import { writeEmptyVmdk, writeVmdkFromRaw } from './write-vmdk.ts';

const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    version: { type: 'string' },
    folder: { type: 'string' },
    'data-gib': { type: 'string', default: '32' },
    level: { type: 'string', default: '6' },
  },
});

const dataGib = integerOption('data-gib', 1, 62 * 1024);
const level = integerOption('level', 1, 9);
const folder = required('folder');
const version = required('version');
if (!/^[0-9A-Za-z][0-9A-Za-z.+-]*$/.test(version))
  throw new ColdframeError(
    'invalid-input',
    `'${version}' is no version: use something like 1.2.3.`,
  );
const name = `coldframe-${version}`;

const disks = [
  await writeVmdkFromRaw(required('image'), join(folder, `${name}-disk1.vmdk`), level),
  await writeEmptyVmdk(dataGib * 2 ** 30, join(folder, `${name}-disk2.vmdk`)),
];
const ovf = ovfDescriptor({ name, version, disks });
await writeFile(join(folder, `${name}.ovf`), ovf);
const ovfDigest = createHash('sha256').update(ovf).digest('hex');
await writeFile(
  join(folder, `${name}.mf`),
  manifest([{ fileName: `${name}.ovf`, sha256: ovfDigest }, ...disks]),
);
const members = [`${name}.ovf`, `${name}.mf`, ...disks.map(({ fileName }) => fileName)];
process.stdout.write(`${members.join('\n')}\n`);

function required(option: 'image' | 'version' | 'folder'): string {
  const value = values[option];
  if (value === undefined || value === '')
    throw new ColdframeError('invalid-input', `Option --${option} is missing.`);
  return value;
}

function integerOption(option: 'data-gib' | 'level', min: number, max: number): number {
  const value = Number(values[option]);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new ColdframeError(
      'invalid-input',
      `Option --${option} takes a whole number from ${min} to ${max}.`,
    );
  return value;
}
