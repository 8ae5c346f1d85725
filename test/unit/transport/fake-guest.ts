import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A folder laid out like /sys and /dev of a Linux guest. */
export interface FakeGuest {
  readonly root: string;
  addHost(number: number, driver: string): Promise<void>;
  addDisk(disk: FakeDisk): Promise<void>;
  remove(name: string): Promise<void>;
  /** What was written to the device's `delete`. */
  deleted(name: string): Promise<string>;
}

export interface FakeDisk {
  readonly name: string;
  readonly address: string;
  readonly bytes: number;
  /** undefined: the guest shows no identification pages. */
  readonly uuid?: string;
}

export function fakeGuest(root: string): FakeGuest {
  const bus = (address: string): string => join(root, 'sys/bus/scsi/devices', address);
  return {
    root,
    async addHost(number, driver) {
      const folder = join(root, `sys/class/scsi_host/host${number}`);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'proc_name'), `${driver}\n`);
      await writeFile(join(folder, 'scan'), '');
    },
    async addDisk({ name, address, bytes, uuid }) {
      const block = join(root, 'sys/block', name);
      await mkdir(bus(address), { recursive: true });
      await mkdir(block, { recursive: true });
      await writeFile(join(bus(address), 'delete'), '');
      if (uuid !== undefined) {
        const digits = uuid.replaceAll('-', '').toLowerCase();
        await writeFile(
          join(bus(address), 'vpd_pg80'),
          Buffer.concat([Buffer.from([0, 0x80, 0, 32]), Buffer.from(digits)]),
        );
        await writeFile(
          join(bus(address), 'vpd_pg83'),
          Buffer.concat([Buffer.from([0, 0x83, 0, 20, 1, 3, 0, 16]), Buffer.from(digits, 'hex')]),
        );
      }
      await writeFile(join(block, 'size'), `${bytes / 512}\n`);
      await symlink(relative(block, bus(address)), join(block, 'device'));
    },
    async remove(name) {
      await rm(join(root, 'sys/block', name), { recursive: true });
    },
    deleted: (name) => readFile(join(root, 'sys/block', name, 'device/delete'), 'utf8'),
  };
}
