import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { EndpointWithPassword } from '#core/config.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import { Secret } from '#core/secret.ts';
import type { TransportChoice } from '#core/transport-plan.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import type { EngineContext } from '#engine/ports.ts';
import { createMover } from '#mover/parent.ts';
import { systemClock } from '#service/system-clock.ts';
import { startLab, type Lab } from '#test/lab/lab.ts';
import { demoScenario, smallSizes, type VmScenario } from '#test/lab/scenario.ts';
import { openEngineBench } from '#test/support/engine-bench.ts';
import { labGround, type LabGround } from '#test/support/lab-ground.ts';
import { firstDifference } from '#test/support/same-bytes.ts';

import type { Layout, Way } from './restore-cases.ts';

const mib = 1024 * 1024;

/** A home lab, another vCenter, and an appliance that knows nothing but the repository. */
export interface RestoreGround extends AsyncDisposable {
  readonly home: LabGround;
  readonly other: Lab;
  /** Adds a VM, backs it up, and keeps what its disks held. */
  backUp(name: string): Promise<Kept>;
  context(way: Way, transport: TransportChoice): EngineContext;
  endpoint(way: Way): EndpointWithPassword;
  /** Brings the VM into the state of the layout. */
  change(name: string, layout: Layout): Promise<void>;
  assertIdentical(way: Way, vm: string, kept: Kept): Promise<void>;
  /** Every field of the configuration is as it was, but for those of `ofItsOwn`. */
  assertSameSettings(way: Way, vm: string, kept: Kept): Promise<void>;
  /** Makes the restore points known to the rebuilt appliance from the repository alone. */
  rebuild(): Promise<void>;
}

export interface Kept {
  readonly point: RestorePoint;
  readonly capture: string;
  /** Device keys of the disks then. */
  readonly keys: readonly number[];
}

/**
 * What a new VM has of its own: names, identities, files, addresses, what the server numbers by itself;
 * and tracking is off, and the guest has not reported its tools yet.
 */
const ofItsOwn = new RegExp(
  `^(${[
    'name|uuid|instanceUuid|changeVersion|modified|createDate|changeTrackingEnabled|files\\.|datastoreUrl',
    'extraConfig|tools\\.toolsVersion',
    'hardware\\.device\\.\\d+\\.(device\\.|macAddress|addressType|connectable\\.|deviceInfo\\.|externalId|slotInfo)',
    'hardware\\.device\\.\\d+\\.backing\\.(fileName|uuid|contentId|changeId|datastore|parent|network\\.|useAutoDetect)',
  ].join('|')})`,
);

/** Leaves of a configuration by their paths; lists in their order. */
function fieldsOf(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path, String(value)]]);
  const { $type, unitNumber: _ofServer, ...others } = value as Readonly<Record<string, unknown>>;
  const isController = typeof $type === 'string' && $type.endsWith('Controller');
  return new Map(
    Object.entries(isController ? others : value).flatMap(([name, inner]) => [
      ...fieldsOf(inner, path === '' ? name : `${path}.${name}`),
    ]),
  );
}

/** Three small disks that differ in everything a disk can differ in. */
function mixed(name: string): VmScenario {
  return {
    name,
    poweredOn: true,
    changeTracking: true,
    firmware: 'efi',
    disks: [
      { sizeBytes: 2 * mib, thin: true, controller: 'pvscsi', fill: { kind: 'pattern', seed: 3 } },
      { sizeBytes: 3 * mib, thin: false, controller: 'lsilogic-sas', bus: 1 },
      {
        sizeBytes: 2 * mib,
        thin: false,
        eagerlyScrub: true,
        controller: 'sata',
        fill: { kind: 'pattern', seed: 5 },
      },
    ],
  };
}

export async function restoreGround(): Promise<RestoreGround> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await labGround({ vddk: true }));
  const { bench, lab, folder, signal } = home;
  const scenario = demoScenario(smallSizes);
  const other = stack.use(
    await startLab({
      dir: join(folder, 'other'),
      seed: 7,
      scenario: { ...scenario, datacenter: 'Elsewhere', vms: [] },
    }),
  );
  await mkdir(join(folder, 'rebuilt'));
  const rebuilt = stack.use(
    await openEngineBench({ dir: join(folder, 'rebuilt'), lab, vddk: true }),
  );
  const workerEnv = { COLDFRAME_LAB_VDDK_MAP: other.vddkMap };
  const settings = { vddkStateDir: join(folder, 'vddk-other'), workerEnv };
  const contexts = {
    home: bench.context,
    other: { ...bench.context, mover: createMover({ clock: systemClock, settings }) },
    // One gate for both, as they share the appliance's VM.
    rebuilt: { ...rebuilt.context, vsphere: bench.context.vsphere },
  };
  const elsewhere: EndpointWithPassword = {
    id: 'endpoint2',
    name: 'other',
    address: other.address,
    user: other.user,
    thumbprint: other.thumbprintSha256,
    password: new Secret(other.password),
  };
  const endpointOf = (way: Way): EndpointWithPassword =>
    way === 'other endpoint' ? elsewhere : bench.endpoint;
  const kept = stack.move();
  return {
    home,
    other,
    async backUp(name) {
      const { disks } = await lab.addVm(mixed(name));
      const { restorePoint: point } = await backUpVm(
        bench.context,
        bench.backup({ vm: { name } }),
        { signal },
      );
      const capture = (await home.captures()).at(-1)!;
      return { point, capture, keys: disks.map(({ key }) => key) };
    },
    context(way, transport) {
      const from = { 'other endpoint': contexts.other, 'rebuilt appliance': contexts.rebuilt };
      const context = way in from ? from[way as keyof typeof from] : contexts.home;
      if (transport !== 'san') return context;
      // SAN works on a physical machine, which is no VM of the endpoint.
      const self = () => Promise.resolve({ biosUuids: [], macAddresses: [] });
      return { ...context, devices: { ...context.devices, self } };
    },
    endpoint: endpointOf,
    async change(name, layout) {
      const { disks } = await home.vm(name);
      const [first, last] = [disks[0]!, disks.at(-1)!];
      const write = { vm: name, offset: mib + 4096, length: 70_000, seed: 9 };
      for (const { key } of disks) await lab.writeGuest({ ...write, key });
      if (layout === 'a disk has grown')
        await lab.resizeDisk({ vm: name, key: first.key, sizeBytes: 4 * mib });
      if (layout === 'a disk is missing') await lab.removeDisk({ vm: name, key: last.key });
      if (layout === 'it has snapshots') await lab.addForeignSnapshot({ vm: name, name: 'mine' });
    },
    async assertIdentical(way, vm, { capture, keys }) {
      const place = way === 'other endpoint' ? other : lab;
      const found = (await place.state()).vms.find((each) => each.name === vm);
      assert.deepEqual(
        found?.disks.map(({ key }) => key),
        keys,
        'the disks sit where they sat',
      );
      for (const key of keys) {
        const now = join(folder, `${vm}-${key}.raw`);
        await place.copyDisk({ vm, key, to: now });
        const then = join(lab.captureDir, capture, `${key}.raw`);
        assert.equal(await firstDifference(now, then), undefined, `${vm} disk ${key}`);
      }
    },
    async assertSameSettings(way, name, { point }) {
      const { context, repository } = { context: bench.context, repository: bench.repository };
      const saved = await context.repositories.readMember(repository, point.path, 'vm/config.json');
      await using connection = await context.vsphere.connect(endpointOf(way), signal);
      const vmMoref = (await connection.findVm({ name }, signal))!;
      const request = { vmMoref, name: 'look', description: 'look', quiesce: false };
      const snapshot = await connection.createSnapshot(request, signal);
      const { config } = await connection.snapshotContents(vmMoref, snapshot, signal);
      await connection.removeSnapshot(snapshot, { signal });
      const [then, now] = [
        fieldsOf(JSON.parse(Buffer.from(saved).toString()) as unknown),
        fieldsOf(config),
      ];
      const differing = [...new Set([...then.keys(), ...now.keys()])].filter(
        (path) => then.get(path) !== now.get(path) && !ofItsOwn.test(path),
      );
      assert.deepEqual(
        differing.map((path) => `${path}: ${then.get(path)} → ${now.get(path)}`),
        [],
      );
    },
    async rebuild() {
      const points = await bench.context.repositories.list(bench.repository, signal);
      await rebuilt.catalog.replaceRestorePoints(bench.repository.id, points);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
