import type { Qmp } from './qmp.ts';
import { until } from './until.ts';

export interface ScsiDisk {
  /** QEMU's name for the device and its content. */
  readonly id: string;
  readonly raw: string;
  readonly readOnly: boolean;
  readonly bus: number;
  readonly unit: number;
  /** 32 hex digits, shown on pages 80h and 83h as VMware does with disk.EnableUUID. */
  readonly uuid?: string;
  /** A disk that is slow in reading. */
  readonly readBytesPerSecond?: number;
}

/** A real SCSI disk appears in the running machine, or is there when it starts. */
export async function plugIn(qmp: Qmp, disk: ScsiDisk): Promise<void> {
  const { id, raw, readOnly, bus, unit, uuid, readBytesPerSecond } = disk;
  await qmp.execute('blockdev-add', {
    driver: 'raw',
    'node-name': id,
    'read-only': readOnly,
    discard: 'unmap',
    file: { driver: 'file', filename: raw, 'read-only': readOnly, discard: 'unmap' },
  });
  await qmp.execute('device_add', {
    driver: 'scsi-hd',
    bus: `scsi${bus}.0`,
    id,
    drive: id,
    'scsi-id': unit,
    vendor: 'VMware',
    product: 'Virtual disk',
    ...(uuid === undefined ? {} : { serial: uuid, device_id: uuid }),
  });
  if (readBytesPerSecond === undefined) return;
  const unlimited = { bps: 0, bps_wr: 0, iops: 0, iops_rd: 0, iops_wr: 0 };
  await qmp.execute('block_set_io_throttle', { id, ...unlimited, bps_rd: readBytesPerSecond });
}

/** The device is really gone when this returns. */
export async function pullOut(qmp: Qmp, id: string): Promise<void> {
  await qmp.execute('device_del', { id });
  await until(`${id} unplugged`, 60_000, async () =>
    qmp.takeEvent('DEVICE_DELETED', ({ device }) => device === id) ? true : undefined,
  );
  await qmp.execute('blockdev-del', { 'node-name': id });
}
