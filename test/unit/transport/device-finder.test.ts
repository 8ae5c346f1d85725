import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import type { AttachedDisk } from '#core/vm.ts';
import { createDeviceFinder } from '#transport/device-finder.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { testClock } from '#test/support/test-clock.ts';
import type { TestClock } from '#test/support/test-clock.ts';

import { fakeGuest } from './fake-guest.ts';

const uuid = '6000C29a-1b2c-3d4e-5f60-718293a4b5c6';
const disk: AttachedDisk = {
  key: 2016,
  fileName: '[ds1] app/app.vmdk',
  uuid,
  capacityBytes: 1024 * 512,
  bus: 1,
  unit: 3,
};
const running = new AbortController().signal;

async function guestWithHosts(root: string) {
  const guest = fakeGuest(root);
  await guest.addHost(0, 'ata_piix');
  await guest.addHost(2, 'vmw_pvscsi');
  await guest.addHost(3, 'vmw_pvscsi');
  return guest;
}

/** A clock whose n-th sleep runs `during`: what happens while the finder waits. */
function clockThat(during: (sleeps: number) => Promise<void>): TestClock {
  const clock = testClock();
  let sleeps = 0;
  return {
    ...clock,
    async sleep(ms, signal) {
      await clock.sleep(ms, signal);
      await during(++sleeps);
    },
  };
}

test('finds the device by uuid, controller and unit', async () => {
  await using folder = await temporaryFolder();
  const guest = await guestWithHosts(folder.path);
  await guest.addDisk({ name: 'sda', address: '2:0:0:0', bytes: 512, uuid: '6000C290-1' });
  await guest.addDisk({ name: 'sdb', address: '3:0:3:0', bytes: disk.capacityBytes, uuid });
  const finder = createDeviceFinder({ root: folder.path, clock: testClock() });
  assert.equal(await finder.find(disk, running), join(folder.path, 'dev/sdb'));
});

test('waits for a device that appears late, and asks the hosts to rescan', async () => {
  await using folder = await temporaryFolder();
  const guest = await guestWithHosts(folder.path);
  const clock = clockThat(async (sleeps) => {
    if (sleeps === 12)
      await guest.addDisk({ name: 'sdb', address: '3:0:3:0', bytes: disk.capacityBytes, uuid });
  });
  const finder = createDeviceFinder({ root: folder.path, clock });
  assert.equal(await finder.find(disk, running), join(folder.path, 'dev/sdb'));
  const scan = await readFile(join(folder.path, 'sys/class/scsi_host/host3/scan'), 'utf8');
  assert.equal(scan, '- - -');
});

test('waits until the kernel knows the size of the device', async () => {
  await using folder = await temporaryFolder();
  const guest = await guestWithHosts(folder.path);
  await guest.addDisk({ name: 'sdb', address: '3:0:3:0', bytes: 0, uuid });
  const clock = clockThat(async (sleeps) => {
    if (sleeps === 3) await writeFile(join(folder.path, 'sys/block/sdb/size'), '1024\n');
  });
  const finder = createDeviceFinder({ root: folder.path, clock });
  assert.equal(await finder.find(disk, running), join(folder.path, 'dev/sdb'));
});

test('a copy of the disk on another controller is not taken for it', async () => {
  await using folder = await temporaryFolder();
  const guest = await guestWithHosts(folder.path);
  await guest.addDisk({ name: 'sdb', address: '2:0:3:0', bytes: disk.capacityBytes, uuid });
  const clock = clockThat(async (sleeps) => {
    if (sleeps === 4)
      await guest.addDisk({ name: 'sdc', address: '3:0:3:0', bytes: disk.capacityBytes, uuid });
  });
  const finder = createDeviceFinder({ root: folder.path, clock });
  assert.equal(await finder.find(disk, running), join(folder.path, 'dev/sdc'));
});

test('a lone device on an unexpected controller is believed after a while', async () => {
  await using folder = await temporaryFolder();
  const guest = await guestWithHosts(folder.path);
  await guest.addDisk({ name: 'sdb', address: '2:0:3:0', bytes: disk.capacityBytes, uuid });
  const clock = testClock();
  const started = clock.now();
  const finder = createDeviceFinder({ root: folder.path, clock });
  assert.equal(await finder.find(disk, running), join(folder.path, 'dev/sdb'));
  assert.ok(clock.now() - started >= 5000);
});

test('two that cannot be told apart are an error', async () => {
  await using folder = await temporaryFolder();
  const guest = fakeGuest(folder.path);
  for (const [name, host] of [
    ['sdb', 4],
    ['sdc', 5],
  ] as const)
    await guest.addDisk({ name, address: `${host}:0:3:0`, bytes: disk.capacityBytes, uuid });
  const finder = createDeviceFinder({ root: folder.path, clock: testClock() });
  await assert.rejects(finder.find(disk, running), /sdb, .*sdc all carry the uuid.*told apart/);
});

test('the right uuid with another size is refused', async () => {
  await using folder = await temporaryFolder();
  const guest = await guestWithHosts(folder.path);
  await guest.addDisk({ name: 'sdb', address: '3:0:3:0', bytes: 512, uuid });
  const finder = createDeviceFinder({ root: folder.path, clock: testClock() });
  await assert.rejects(finder.find(disk, running), /512 instead of 524288 bytes/);
});

test('the deadline says where the disk should have been', async () => {
  await using folder = await temporaryFolder();
  await guestWithHosts(folder.path);
  const finder = createDeviceFinder({ root: folder.path, clock: testClock(), deadlineMs: 3000 });
  await assert.rejects(finder.find(disk, running), /at SCSI 1:3, but no device/);
});

test('a guest without disk uuids is told about disk.EnableUUID', async () => {
  await using folder = await temporaryFolder();
  const guest = await guestWithHosts(folder.path);
  await guest.addDisk({ name: 'sdb', address: '3:0:3:0', bytes: disk.capacityBytes });
  const finder = createDeviceFinder({ root: folder.path, clock: testClock(), deadlineMs: 3000 });
  await assert.rejects(finder.find(disk, running), /disk\.EnableUUID/);
});

test('waiting ends when the signal fires', async () => {
  await using folder = await temporaryFolder();
  const controller = new AbortController();
  const clock = clockThat(async () => controller.abort(new ColdframeError('cancelled', 'stop')));
  const finder = createDeviceFinder({ root: folder.path, clock });
  await assert.rejects(finder.find(disk, controller.signal), { code: 'cancelled' });
});

test('release deletes the device and waits until it is gone', async () => {
  await using folder = await temporaryFolder();
  const guest = await guestWithHosts(folder.path);
  await guest.addDisk({ name: 'sdb', address: '3:0:3:0', bytes: disk.capacityBytes, uuid });
  let written = '';
  const clock = clockThat(async (sleeps) => {
    if (sleeps !== 3) return;
    written = await guest.deleted('sdb');
    await guest.remove('sdb');
  });
  const finder = createDeviceFinder({ root: folder.path, clock });
  await finder.release(disk, running);
  assert.equal(written, '1');
});

test('release of what is gone already does nothing', async () => {
  await using folder = await temporaryFolder();
  await guestWithHosts(folder.path);
  await createDeviceFinder({ root: folder.path, clock: testClock() }).release(disk, running);
});

test('release says which device stays', async () => {
  await using folder = await temporaryFolder();
  const guest = await guestWithHosts(folder.path);
  await guest.addDisk({ name: 'sdb', address: '3:0:3:0', bytes: disk.capacityBytes, uuid });
  const finder = createDeviceFinder({ root: folder.path, clock: testClock(), deadlineMs: 3000 });
  await assert.rejects(finder.release(disk, running), { code: 'timeout', message: /sdb/ });
});

test('own identity in the byte orders it may come in', async () => {
  await using folder = await temporaryFolder();
  const dmi = join(folder.path, 'sys/class/dmi/id');
  await mkdir(dmi, { recursive: true });
  await writeFile(
    join(dmi, 'product_serial'),
    'VMware-56 4d 01 02 03 04 05 06-07 08 09 0a 0b 0c 0d 0e\n',
  );
  await writeFile(join(dmi, 'product_uuid'), '02014D56-0403-0605-0708-090A0B0C0D0E\n');
  for (const [name, mac] of [
    ['lo', '00:00:00:00:00:00'],
    ['eth0', '00:50:56:AA:bb:01'],
  ] as const) {
    await mkdir(join(folder.path, 'sys/class/net', name), { recursive: true });
    await writeFile(join(folder.path, 'sys/class/net', name, 'address'), `${mac}\n`);
  }
  const finder = createDeviceFinder({ root: folder.path, clock: testClock() });
  assert.deepEqual(await finder.self(running), {
    biosUuids: ['564d0102-0304-0506-0708-090a0b0c0d0e', '02014d56-0403-0605-0708-090a0b0c0d0e'],
    macAddresses: ['00:50:56:aa:bb:01'],
  });
});

test('a machine that is no VM has no identity', async () => {
  await using folder = await temporaryFolder();
  const finder = createDeviceFinder({ root: folder.path, clock: testClock() });
  assert.deepEqual(await finder.self(running), { biosUuids: [], macAddresses: [] });
});
