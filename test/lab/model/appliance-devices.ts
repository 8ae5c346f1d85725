import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { DeviceAppearance, DevicePlug, PluggedDisk } from './device-plug.ts';
import { pluggedDisks } from './device-plug.ts';
import { isScsi } from './devices.ts';
import { productSerial, productUuid } from './identifiers.ts';
import type { Site } from './site.ts';

interface GuestDevice {
  readonly hctl: string;
  readonly name: string;
  /** Identity of the disk in the slot: another file in the same slot is another device. */
  readonly fileName: string;
  readonly raw: string;
  readonly readOnlyMtimeMs: number | undefined;
}

const pollMs = 20;

/**
 * The appliance's own view of its disks: a folder laid out like Linux's /sys and /dev. Host number =
 * SCSI bus number, target = unit number; `device/delete` and `scsi_host/hostN/scan` work when written.
 */
export class ApplianceDevices implements DevicePlug {
  readonly root: string;
  readonly #site: Site;
  readonly #delayMs: number;
  readonly #present = new Map<string, GuestDevice>();
  /** Slots whose disk is attached but not (or no more) seen by the guest. */
  readonly #hidden = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  readonly #pending = new Set<NodeJS.Timeout>();
  appearance: DeviceAppearance = 'auto';

  constructor(root: string, site: Site, delayMs: number) {
    this.root = root;
    this.#site = site;
    this.#delayMs = delayMs;
    this.#timer = setInterval(() => {
      this.#poll();
    }, pollMs).unref();
    this.#makeIdentity();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const timer of this.#pending) clearTimeout(timer);
  }

  /** Follows the appliance VM's configuration after each change. */
  sync(): void {
    const wanted = this.#wantedDevices();
    this.#syncHosts();
    for (const [hctl, device] of this.#present) {
      const now = wanted.get(hctl);
      if (now?.fileName !== device.fileName) this.#vanish(device);
    }
    for (const hctl of this.#hidden) if (!wanted.has(hctl)) this.#hidden.delete(hctl);
    for (const device of wanted.values()) {
      if (this.#present.has(device.hctl) || this.#hidden.has(device.hctl)) continue;
      this.#hidden.add(device.hctl);
      if (this.appearance === 'auto') this.#later(() => this.#appear(device.hctl));
    }
  }

  #later(work: () => void): void {
    const timer = setTimeout(() => {
      this.#pending.delete(timer);
      work();
    }, this.#delayMs);
    this.#pending.add(timer);
  }

  #wantedDevices(): Map<string, PluggedDisk & { readonly hctl: string }> {
    const wanted = pluggedDisks(this.#site).map((disk) => {
      const hctl = `${disk.bus}:0:${disk.unit}:0`;
      return [hctl, { ...disk, hctl }] as const;
    });
    return new Map(wanted);
  }

  #appear(hctl: string): void {
    const found = this.#wantedDevices().get(hctl);
    if (found === undefined || this.#present.has(hctl)) return;
    this.#hidden.delete(hctl);
    const name = this.#freeName();
    const bus = path.join(this.root, 'sys/bus/scsi/devices', hctl);
    const block = path.join(this.root, 'sys/block', name);
    const { uuid } = found;
    mkdirSync(path.join(bus, 'block'), { recursive: true });
    mkdirSync(block, { recursive: true });
    for (const [file, text] of Object.entries({
      vendor: 'VMware  \n',
      model: 'Virtual disk    \n',
      rev: '2.0 \n',
      type: '0\n',
      state: 'running\n',
      delete: '',
    }))
      writeFileSync(path.join(bus, file), text);
    writeFileSync(path.join(bus, 'vpd_pg80'), page80(uuid));
    writeFileSync(path.join(bus, 'vpd_pg83'), page83(uuid));
    symlinkSync(path.relative(path.join(bus, 'block'), block), path.join(bus, 'block', name));
    symlinkSync(path.relative(block, bus), path.join(block, 'device'));
    writeFileSync(path.join(block, 'ro'), '0\n');
    writeFileSync(path.join(block, 'size'), `${found.sizeBytes / 512}\n`);
    mkdirSync(path.join(this.root, 'dev'), { recursive: true });
    symlinkSync(found.raw, path.join(this.root, 'dev', name));
    const readOnlyMtimeMs = found.frozen ? statSync(found.raw).mtimeMs : undefined;
    this.#present.set(hctl, {
      hctl,
      name,
      fileName: found.fileName,
      raw: found.raw,
      readOnlyMtimeMs,
    });
  }

  #vanish(device: GuestDevice): void {
    const { mtimeMs } = existsSync(device.raw) ? statSync(device.raw) : { mtimeMs: undefined };
    if (
      device.readOnlyMtimeMs !== undefined &&
      mtimeMs !== undefined &&
      mtimeMs !== device.readOnlyMtimeMs
    )
      this.#site.violations.push(`${device.fileName} was written to while attached for reading`);
    rmSync(path.join(this.root, 'dev', device.name), { force: true });
    rmSync(path.join(this.root, 'sys/block', device.name), { recursive: true, force: true });
    rmSync(path.join(this.root, 'sys/bus/scsi/devices', device.hctl), {
      recursive: true,
      force: true,
    });
    this.#present.delete(device.hctl);
  }

  #syncHosts(): void {
    for (const device of this.#site.appliance?.devices ?? []) {
      if (!isScsi(device)) continue;
      const host = path.join(this.root, 'sys/class/scsi_host', `host${device.busNumber}`);
      if (existsSync(host)) continue;
      mkdirSync(host, { recursive: true });
      const driver = device.$type === 'ParaVirtualSCSIController' ? 'vmw_pvscsi' : 'mptspi';
      writeFileSync(path.join(host, 'proc_name'), `${driver}\n`);
      writeFileSync(path.join(host, 'scan'), '');
    }
    mkdirSync(path.join(this.root, 'sys/bus/scsi/devices'), { recursive: true });
    mkdirSync(path.join(this.root, 'sys/block'), { recursive: true });
    mkdirSync(path.join(this.root, 'dev'), { recursive: true });
  }

  /** Notices what the product wrote into `delete` and `scan`. */
  #poll(): void {
    for (const device of this.#present.values()) {
      const file = path.join(this.root, 'sys/bus/scsi/devices', device.hctl, 'delete');
      if (!takeWritten(file)) continue;
      this.#vanish(device);
      this.#hidden.add(device.hctl);
    }
    for (const controller of this.#site.appliance?.devices ?? []) {
      if (!isScsi(controller)) continue;
      if (
        !takeWritten(path.join(this.root, `sys/class/scsi_host/host${controller.busNumber}/scan`))
      )
        continue;
      if (this.appearance === 'never') continue;
      for (const hctl of this.#hidden)
        if (hctl.startsWith(`${controller.busNumber}:`)) this.#later(() => this.#appear(hctl));
    }
  }

  #freeName(): string {
    const used = new Set([...this.#present.values()].map((device) => device.name));
    for (let i = 0; ; i++) {
      const name = `sd${i < 26 ? '' : String.fromCharCode(96 + Math.floor(i / 26))}${String.fromCharCode(97 + (i % 26))}`;
      if (!used.has(name)) return name;
    }
  }

  #makeIdentity(): void {
    const vm = this.#site.appliance;
    if (vm === undefined) return;
    const dmi = path.join(this.root, 'sys/class/dmi/id');
    mkdirSync(dmi, { recursive: true });
    writeFileSync(path.join(dmi, 'product_serial'), `${productSerial(vm.uuid)}\n`);
    writeFileSync(path.join(dmi, 'product_uuid'), `${productUuid(vm.uuid)}\n`);
    writeFileSync(path.join(dmi, 'sys_vendor'), 'VMware, Inc.\n');
    const cards = vm.devices.flatMap((device) =>
      'macAddress' in device ? [String(device.macAddress)] : [],
    );
    for (const [i, mac] of cards.entries()) {
      const card = path.join(this.root, 'sys/class/net', `eth${i}`);
      mkdirSync(card, { recursive: true });
      writeFileSync(path.join(card, 'address'), `${mac}\n`);
    }
  }
}

/** True when something was written into the file since the last look. */
function takeWritten(file: string): boolean {
  if (!existsSync(file) || statSync(file).size === 0) return false;
  const text = readFileSync(file, 'utf8').trim();
  if (text === '') return false;
  writeFileSync(file, '');
  return true;
}

/** Unit serial number page: the uuid as 32 hex digits. */
function page80(uuid: string): Buffer {
  return Buffer.concat([Buffer.from([0, 0x80, 0, uuid.length]), Buffer.from(uuid, 'ascii')]);
}

/** Device identification page: T10 vendor text, then the uuid as a 16-byte NAA name. */
function page83(uuid: string): Buffer {
  const text = Buffer.from(`VMware  Virtual disk    ${uuid}`, 'ascii');
  const t10 = Buffer.concat([Buffer.from([0x02, 0x01, 0, text.length]), text]);
  const naa = Buffer.concat([Buffer.from([0x01, 0x03, 0, 16]), Buffer.from(uuid, 'hex')]);
  const length = t10.length + naa.length;
  return Buffer.concat([Buffer.from([0, 0x83, length >> 8, length & 0xff]), t10, naa]);
}
