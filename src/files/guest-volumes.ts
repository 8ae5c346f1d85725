import type { GuestSystem, GuestVolume } from '#core/guest-files.ts';
import { toErrorRecord } from '#core/error.ts';

import type { Guestfish } from './guestfish.ts';
import { structText } from './struct-text.ts';

/** What holds no files of its own. */
const noFiles = new Set(['swap', 'unknown', 'LVM2_member', 'linux_raid_member', 'crypto_LUKS']);

/** Operating systems on the disks; looking for them unmounts everything. */
export async function findSystems(guestfish: Guestfish): Promise<readonly GuestSystem[]> {
  const systems: GuestSystem[] = [];
  for (const root of lines(await guestfish.run(['inspect-os']))) {
    const ask = async (what: string): Promise<string> =>
      (await guestfish.run([`inspect-get-${what}`, root]).catch(() => '')).trim();
    const mountpoints = lines(await guestfish.run(['inspect-get-mountpoints', root]));
    systems.push({
      kind: await ask('type'),
      product: await ask('product-name'),
      hostName: await ask('hostname'),
      mountpoints: mountpoints.flatMap((line) => {
        const at = line.lastIndexOf(': ');
        return at < 0 ? [] : [{ path: line.slice(0, at), device: line.slice(at + 2) }];
      }),
    });
  }
  return systems;
}

/** Finds every file system, in partitions, logical volumes and whole disks, and mounts it read-only under its own name. */
export async function mountVolumes(guestfish: Guestfish): Promise<readonly GuestVolume[]> {
  const volumes: GuestVolume[] = [];
  for (const line of lines(await guestfish.run(['list-filesystems']))) {
    const at = line.lastIndexOf(': ');
    const device = line.slice(0, at);
    const fileSystem = line.slice(at + 2);
    const name = freeName(device, volumes);
    const volume = { name, device, fileSystem, label: await labelOf(guestfish, device) };
    volumes.push(
      noFiles.has(fileSystem) ? volume : { ...volume, ...(await mount(guestfish, volume)) },
    );
  }
  return volumes;
}

async function mount(
  guestfish: Guestfish,
  { name, device }: { readonly name: string; readonly device: string },
): Promise<Pick<GuestVolume, 'usage' | 'error'>> {
  try {
    await guestfish.run(['mkmountpoint', `/${name}`]);
    await guestfish.run(['mount-ro', device, `/${name}`]);
    const figures = structText(await guestfish.run(['statvfs', `/${name}`]));
    const blockBytes = figures.get('frsize') ?? 0;
    const totalBytes = (figures.get('blocks') ?? 0) * blockBytes;
    return { usage: { totalBytes, freeBytes: (figures.get('bfree') ?? 0) * blockBytes } };
  } catch (error) {
    return { error: toErrorRecord(error).message };
  }
}

async function labelOf(guestfish: Guestfish, device: string): Promise<string> {
  return (await guestfish.run(['vfs-label', device]).catch(() => '')).trim();
}

/** "/dev/sda1" is sda1, "/dev/vg0/data" is vg0-data. */
function freeName(device: string, taken: readonly GuestVolume[]): string {
  const word = device.replace(/^\/dev\//, '').replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  const isTaken = (name: string): boolean => taken.some((volume) => volume.name === name);
  let name = word;
  for (let number = 2; isTaken(name); number++) name = `${word}-${number}`;
  return name;
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
