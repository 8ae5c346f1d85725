import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Clock } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';
import type { AttachedDisk } from '#core/vm.ts';

import {
  isGone,
  listScsiDevices,
  namesIn,
  paravirtualHosts,
  readScsiDevice,
} from './scsi-devices.ts';
import type { ScsiDevice } from './scsi-devices.ts';
import { hexDigits } from './scsi-identifiers.ts';
import { readSelfIdentity } from './self-identity.ts';
import type { SelfIdentity } from './self-identity.ts';

export interface DeviceFinderOptions {
  /** Folder that holds sys/ and dev/; "/" except in tests. */
  readonly root: string;
  readonly clock: Clock;
  /** How long a device may take to appear or to go. Default 60 s. */
  readonly deadlineMs?: number;
}

export interface DeviceFinder {
  self(signal: AbortSignal): Promise<SelfIdentity>;
  find(disk: AttachedDisk, signal: AbortSignal): Promise<string>;
  release(disk: AttachedDisk, signal: AbortSignal): Promise<void>;
}

const pauseMs = 250;
/** How long the device on the expected controller is waited for before another is believed. */
const graceMs = 5000;
/** Hot-plug announces a disk by itself; a rescan helps where it did not. */
const rescanEveryMs = 1000;

/** Block devices of disks that were attached to this machine's own VM. */
export function createDeviceFinder(options: DeviceFinderOptions): DeviceFinder {
  const { root, clock, deadlineMs = 60_000 } = options;
  /** A rescan would bring a device back that is still attached and was just deleted. */
  let releasing = 0;

  /** Repeats `attempt` until it gives something; `onTimeout` makes the error of the deadline. */
  async function poll<T>(
    attempt: () => Promise<T | undefined>,
    onTimeout: () => ColdframeError,
    signal: AbortSignal,
  ): Promise<T> {
    const deadline = clock.now() + deadlineMs;
    for (;;) {
      signal.throwIfAborted();
      const found = await attempt();
      if (found !== undefined) return found;
      if (clock.now() >= deadline) throw onTimeout();
      await clock.sleep(pauseMs, signal);
    }
  }

  return {
    self: () => readSelfIdentity(root),

    async find(disk, signal) {
      let seen: readonly ScsiDevice[] = [];
      const graceEndsMs = clock.now() + graceMs;
      let rescanAtMs = clock.now() + rescanEveryMs;
      const device = await poll(
        async () => {
          if (clock.now() >= rescanAtMs && releasing === 0) {
            await rescan(root);
            rescanAtMs = clock.now() + rescanEveryMs;
          }
          seen = await listScsiDevices(root);
          const guest = { devices: seen, hosts: await paravirtualHosts(root) };
          const graceOver = clock.now() >= graceEndsMs;
          const found = pick(disk, guest, graceOver);
          // A device shows before the kernel knows its size.
          return graceOver || found?.capacityBytes === disk.capacityBytes ? found : undefined;
        },
        () => notFound(disk, seen),
        signal,
      );
      if (device.capacityBytes !== disk.capacityBytes)
        throw new ColdframeError(
          'disk',
          `${device.path} has the uuid of ${disk.fileName} but ${device.capacityBytes} instead of ` +
            `${disk.capacityBytes} bytes. Detach the disk from the appliance and try again.`,
        );
      return device.path;
    },

    async release(disk, signal) {
      const devices = await listScsiDevices(root);
      const device = pick(disk, { devices, hosts: await paravirtualHosts(root) }, true);
      if (device === undefined) return;
      releasing += 1;
      try {
        await deleteDevice(root, device.name);
        await poll(
          async () => {
            const now = await readScsiDevice(root, device.name);
            return now !== undefined && matches(disk, now) ? undefined : true;
          },
          () =>
            new ColdframeError(
              'timeout',
              `The kernel did not let go of ${device.path} (${disk.fileName}). See what holds it open.`,
            ),
          signal,
        );
      } finally {
        releasing -= 1;
      }
    },
  };
}

/** Asks every SCSI host to look for new devices; a host that refuses is not ours. */
async function rescan(root: string): Promise<void> {
  const folder = join(root, 'sys/class/scsi_host');
  for (const name of await namesIn(folder))
    await writeFile(join(folder, name, 'scan'), '- - -').catch(() => undefined);
}

async function deleteDevice(root: string, name: string): Promise<void> {
  try {
    await writeFile(join(root, 'sys/block', name, 'device/delete'), '1');
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function matches(disk: AttachedDisk, device: ScsiDevice): boolean {
  return device.target === disk.unit && device.identifiers.has(hexDigits(disk.uuid));
}

/**
 * Candidates agree in uuid and unit number. Copies of a VM share uuids, so the controller's place
 * among the paravirtual controllers decides; where the guest numbers controllers in another order
 * than vSphere, a lone candidate is taken after `graceOver`.
 */
function pick(
  disk: AttachedDisk,
  guest: { readonly devices: readonly ScsiDevice[]; readonly hosts: readonly number[] },
  graceOver: boolean,
): ScsiDevice | undefined {
  const candidates = guest.devices.filter((device) => matches(disk, device));
  const onBus = candidates.filter((device) => guest.hosts.indexOf(device.host) === disk.bus);
  if (onBus.length === 1) return onBus[0];
  return graceOver && candidates.length === 1 ? candidates[0] : undefined;
}

function notFound(disk: AttachedDisk, seen: readonly ScsiDevice[]): ColdframeError {
  const alike = seen.filter((device) => matches(disk, device)).map(({ path }) => path);
  const unnamed = seen.some(
    (device) => device.target === disk.unit && device.identifiers.size === 0,
  );
  const details = { stage: 'open', uuid: disk.uuid, bus: disk.bus, unit: disk.unit };
  if (alike.length > 1)
    return new ColdframeError(
      'disk',
      `${alike.join(', ')} all carry the uuid of ${disk.fileName} and cannot be told apart. ` +
        'Back up the copies of this VM one after the other.',
      { details },
    );
  return new ColdframeError(
    'disk',
    unnamed
      ? `${disk.fileName} was attached, but disks of the appliance carry no uuid. Set the advanced ` +
          'parameter disk.EnableUUID of the appliance to TRUE and restart it.'
      : `${disk.fileName} was attached to the appliance at SCSI ${disk.bus}:${disk.unit}, but no ` +
          'device with its uuid appeared.',
    { details },
  );
}
