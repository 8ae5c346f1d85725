import { isScsi } from './devices.ts';
import type { Site } from './site.ts';

export type DeviceAppearance = 'auto' | 'on-scan' | 'never';

/** How disks attached to the appliance VM become devices of the system that runs in it. */
export interface DevicePlug extends Disposable {
  appearance: DeviceAppearance;
  /** Follows the appliance VM's configuration after each change; the vim task waits for it. */
  sync(): void | Promise<void>;
}

/** A disk of the appliance VM on one of its SCSI controllers. */
export interface PluggedDisk {
  readonly bus: number;
  readonly unit: number;
  /** Identity of the disk in the slot: another file in the same slot is another device. */
  readonly fileName: string;
  /** The raw file that shows its content. */
  readonly raw: string;
  /** 32 lower-case hex digits. */
  readonly uuid: string;
  readonly sizeBytes: number;
  /** Attached for reading only. */
  readonly frozen: boolean;
  /** False for another VM's disk. */
  readonly owned: boolean;
}

export function pluggedDisks(site: Site): PluggedDisk[] {
  const vm = site.appliance;
  return (vm?.disks ?? []).flatMap((disk) => {
    const { leaf, mode, owned } = disk;
    const controller = vm!.controller(disk.controllerKey);
    if (controller === undefined || !isScsi(controller)) return [];
    const plugged = {
      bus: controller.busNumber ?? 0,
      unit: disk.unitNumber,
      fileName: leaf.fileName,
      raw: site.files.rawOf(leaf) ?? leaf.rawPath,
      uuid: leaf.uuid.replaceAll('-', '').toLowerCase(),
      sizeBytes: leaf.sizeBytes,
      frozen: mode === 'independent_nonpersistent',
      owned,
    };
    return [plugged];
  });
}
