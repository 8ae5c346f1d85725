import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { readScsiIdentifiers } from './scsi-identifiers.ts';

/** A SCSI disk as the guest's kernel shows it. */
export interface ScsiDevice {
  /** "sdb" */
  readonly name: string;
  /** `<root>/dev/sdb` */
  readonly path: string;
  readonly host: number;
  readonly channel: number;
  /** The unit number on the virtual controller. */
  readonly target: number;
  readonly lun: number;
  readonly capacityBytes: number;
  /** Lower-case hex digits of everything that names the disk; a VMDK's uuid is among them when disk.EnableUUID is on. */
  readonly identifiers: ReadonlySet<string>;
}

/** Every SCSI disk below `root`, "/" on a real system. Devices that vanish meanwhile are left out. */
export async function listScsiDevices(root: string): Promise<readonly ScsiDevice[]> {
  const block = join(root, 'sys/block');
  const devices: ScsiDevice[] = [];
  for (const name of await namesIn(block)) {
    const device = await readScsiDevice(root, name);
    if (device !== undefined) devices.push(device);
  }
  return devices;
}

export async function readScsiDevice(root: string, name: string): Promise<ScsiDevice | undefined> {
  const folder = join(root, 'sys/block', name);
  try {
    const address = /^(\d+):(\d+):(\d+):(\d+)$/.exec(
      basename(await readlink(join(folder, 'device'))),
    );
    if (address === null) return undefined;
    const [host, channel, target, lun] = address.slice(1).map(Number) as Address;
    const sectors = Number((await readFile(join(folder, 'size'), 'utf8')).trim());
    const identifiers = await readScsiIdentifiers(join(folder, 'device'));
    const path = join(root, 'dev', name);
    return { name, path, host, channel, target, lun, capacityBytes: sectors * 512, identifiers };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

type Address = [host: number, channel: number, target: number, lun: number];

/**
 * SCSI host numbers of the paravirtual controllers in the order of their virtual bus:
 * the kernel numbers them as it meets them on PCI, which follows the bus number.
 */
export async function paravirtualHosts(root: string): Promise<readonly number[]> {
  const folder = join(root, 'sys/class/scsi_host');
  const hosts: number[] = [];
  for (const name of await namesIn(folder)) {
    const number = /^host(\d+)$/.exec(name)?.[1];
    if (number === undefined) continue;
    const driver = await readFile(join(folder, name, 'proc_name'), 'utf8').catch(() => '');
    if (driver.trim() === 'vmw_pvscsi') hosts.push(Number(number));
  }
  return hosts.toSorted((a, b) => a - b);
}

export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** sysfs answers ENXIO, ENODEV or EINVAL for attributes of a device that is going away. */
export function isGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO', 'EINVAL', 'EIO'].includes(String(error.code))
  );
}
