import { renameSync, writeFileSync } from 'node:fs';
import type { VmDisk } from './devices.ts';
import { inSnapshots } from './devices.ts';
import type { DiskFile } from '../disk/disk-file.ts';
import type { Site } from './site.ts';
import type { Vm } from './vm.ts';

/** How the stand-in library logs in; checked like the real one does. */
export interface VddkServer {
  readonly host: string;
  readonly port: number;
  readonly sha1: string;
  readonly user: string;
  readonly password: string;
}

/** Keeps vddk.map: which raw file the stand-in library opens for which VM, snapshot and path. */
export class VddkMap {
  readonly path: string;
  readonly #site: Site;
  readonly #server: VddkServer;
  #last = '';

  constructor(path: string, site: Site, server: VddkServer) {
    this.path = path;
    this.#site = site;
    this.#server = server;
  }

  publish(): void {
    const { host, port, sha1, user, password } = this.#server;
    const rows = [['server', host, String(port), sha1, user, password], ...this.#diskRows()];
    const text = `${rows.map((row) => row.join('\t')).join('\n')}\n`;
    if (text === this.#last) return;
    this.#last = text;
    writeFileSync(`${this.path}.partial`, text);
    renameSync(`${this.path}.partial`, this.path);
  }

  *#diskRows(): Generator<string[]> {
    for (const vm of this.#site.vms.values()) {
      for (const snapshot of vm.allSnapshots())
        for (const { disk, file } of snapshot.disks.values()) {
          const raw = this.#site.files.rawOf(file);
          if (raw !== undefined)
            yield [
              'disk',
              vm.ref.value,
              snapshot.ref.value,
              file.fileName,
              raw,
              this.#transports(disk),
              file.uuid,
              isBaseForSan(vm, file) ? 'rw' : 'ro',
            ];
        }
      if (vm.power !== 'poweredOff') continue;
      for (const disk of vm.disks) {
        const raw = disk.leaf.parent === undefined ? disk.leaf.rawPath : undefined;
        if (raw !== undefined && (inSnapshots(disk) || disk.backing === 'flat'))
          yield [
            'disk',
            vm.ref.value,
            '-',
            disk.leaf.fileName,
            raw,
            // SAN only writes below a snapshot.
            this.#transports(disk).replace('san:', ''),
            disk.leaf.uuid,
            'rw',
          ];
      }
    }
  }

  /** SAN needs block storage; HotAdd cannot take IDE disks. */
  #transports(disk: VmDisk): string {
    const datastore = [...this.#site.datastores.values()].find(
      (each) => each.ref.value === disk.datastore.value,
    );
    const onIde = disk.controllerKey === 200 || disk.controllerKey === 201;
    const san = datastore?.type === 'VMFS' ? ['san'] : [];
    return [...(onIde ? [] : ['hotadd']), ...san, 'nbdssl', 'nbd'].join(':');
  }
}

/** What lies below the only snapshot of a VM that is off may be written to; reverting makes it good. */
function isBaseForSan(vm: Vm, file: DiskFile): boolean {
  return vm.power === 'poweredOff' && vm.allSnapshots().length === 1 && file.parent === undefined;
}
