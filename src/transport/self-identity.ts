import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { namesIn } from './scsi-devices.ts';
import { hexDigits } from './scsi-identifiers.ts';

/** What this machine knows of the VM that it runs in. */
export interface SelfIdentity {
  /** SMBIOS uuids in the byte orders they may come in, lower case. */
  readonly biosUuids: readonly string[];
  readonly macAddresses: readonly string[];
}

/** Reads DMI and network cards below `root`; what cannot be read is left out. */
export async function readSelfIdentity(root: string): Promise<SelfIdentity> {
  const dmi = join(root, 'sys/class/dmi/id');
  const serial = await text(join(dmi, 'product_serial'));
  const uuid = await text(join(dmi, 'product_uuid'));
  const candidates = [
    // "VMware-56 4d aa ..." is in the order that vSphere uses.
    serial.startsWith('VMware-') ? hexDigits(serial.slice('VMware-'.length)) : '',
    hexDigits(uuid),
    swapped(hexDigits(uuid)),
  ];
  return {
    biosUuids: [...new Set(candidates.filter((each) => each.length === 32).map(grouped))],
    macAddresses: await macAddresses(root),
  };
}

async function macAddresses(root: string): Promise<readonly string[]> {
  const folder = join(root, 'sys/class/net');
  const found = new Set<string>();
  for (const name of await namesIn(folder)) {
    const address = (await text(join(folder, name, 'address'))).toLowerCase();
    if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(address) && address !== '00:00:00:00:00:00')
      found.add(address);
  }
  return [...found];
}

/** Newer virtual hardware shows the first three groups in the other byte order. */
function swapped(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.length !== 16) return '';
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes.toString('hex');
}

function grouped(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

async function text(path: string): Promise<string> {
  // Root-only files, and machines without DMI.
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}
