import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { guestMac } from './machine.ts';
import { makeOvfDisc } from './ovf-disc.ts';

const run = promisify(execFile);

export interface Deployment {
  /** The OVA's disks as qcow2, system first; never written to. */
  readonly imported: readonly string[];
  /** Private key of the user admin. */
  readonly sshKey: string;
  /** Disc with the deployment properties. */
  readonly iso: string;
}

export function ovaFile(): string {
  const ova = process.env['COLDFRAME_OVA'] ?? '';
  assert.notEqual(ova, '', 'COLDFRAME_OVA names the file to test; npm run test:appliance sets it');
  return ova;
}

/** Takes the OVA apart as an import does, and answers its questions; the SSH key is added. */
export async function deploy(
  folder: string,
  properties: Readonly<Record<string, string>>,
): Promise<Deployment> {
  await run('tar', ['--extract', '--file', ovaFile(), '--directory', folder]);
  const vmdks = (await readdir(folder)).filter((name) => name.endsWith('.vmdk')).sort();
  const imported = await Promise.all(
    vmdks.map(async (name, index) => {
      const target = join(folder, `imported${index}.qcow2`);
      await run('qemu-img', ['convert', '-O', 'qcow2', join(folder, name), target]);
      return target;
    }),
  );
  const sshKey = join(folder, 'key');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', sshKey]);
  const ssh_key = (await readFile(`${sshKey}.pub`, 'utf8')).trim();
  const iso = await makeOvfDisc(folder, { ...properties, ssh_key }, guestMac);
  return { imported, sshKey, iso };
}
