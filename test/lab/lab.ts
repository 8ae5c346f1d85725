import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ControlServer } from './control/control-server.ts';
import type { LabAddress, LabControl } from './control/lab-control.ts';
import { localControl } from './control/local-control.ts';
import { addVm } from './model/add-vm.ts';
import { ApplianceDevices } from './model/appliance-devices.ts';
import type { DevicePlug } from './model/device-plug.ts';
import { makeUuid } from './model/identifiers.ts';
import { makePlaces } from './model/places.ts';
import { Site } from './model/site.ts';
import { VddkMap } from './model/vddk-map.ts';
import type { World } from './operations/call.ts';
import { addManagers } from './operations/service.ts';
import type { Scenario } from './scenario.ts';
import { makeCertificate } from './server/certificate.ts';
import { ConnectionTable } from './server/connections.ts';
import type { Dispatcher } from './server/dispatch.ts';
import { HttpsEndpoint } from './server/endpoint.ts';
import { FaultQueue } from './server/faults.ts';
import { Privileges } from './server/privileges.ts';

export interface LabOptions {
  /** Root of everything that the lab writes; made when missing. */
  readonly dir: string;
  readonly scenario: Scenario;
  /** HTTPS port; 0 = any. */
  readonly port?: number;
  readonly controlPort?: number;
  readonly user?: string;
  readonly password?: string;
  /** Seed of every uuid and MAC address. */
  readonly seed?: number;
  /** How long a vim task takes at least; 30 ms when absent. */
  readonly taskMs?: number;
  /** What shows attached disks to the appliance; a folder laid out like /sys and /dev when absent. */
  readonly plug?: (site: Site) => DevicePlug;
  /** From attaching a disk until the appliance sees it; 30 ms when absent. */
  readonly attachMs?: number;
  /** Most objects in one answer of the property collector; 100 when absent. */
  readonly pageLimit?: number;
  /** QueryChangedDiskAreas: most areas and most bytes that one answer covers. */
  readonly changedAreas?: { readonly perAnswer: number; readonly windowBytes: number };
  readonly trackingGrainBytes?: number;
  /** Keep copies of what each snapshot froze, from the start. */
  readonly capture?: boolean;
}

/** A running lab. Disposing it fails when a queued fault was never hit or a frozen disk was written to. */
export interface Lab extends LabControl, LabAddress, AsyncDisposable {}

const mib = 1024 * 1024;

export async function startLab(options: LabOptions): Promise<Lab> {
  const dir = path.resolve(options.dir);
  await mkdir(dir, { recursive: true });
  await using stack = new AsyncDisposableStack();
  const site = stack.use(
    new Site({
      dir,
      seed: options.seed ?? 1,
      taskMs: options.taskMs ?? 30,
      trackingGrainBytes: options.trackingGrainBytes ?? 65_536,
    }),
  );
  const certificate = makeCertificate();
  const world = await makeWorld(site, options, certificate.sha1);
  const applianceRoot = path.join(dir, 'appliance');
  const devices = stack.use(
    options.plug?.(site) ?? new ApplianceDevices(applianceRoot, site, options.attachMs ?? 30),
  );
  const dispatcher: Dispatcher = { world, faults: new FaultQueue(), counters: new Map() };
  const https = stack.use(
    await HttpsEndpoint.listen(dispatcher, { certificate, port: options.port ?? 0 }),
  );
  const map = new VddkMap(path.join(dir, 'vddk.map'), site, {
    host: '127.0.0.1',
    port: https.port,
    sha1: certificate.sha1,
    user: world.user,
    password: world.password,
  });
  site.settlers.push(async () => {
    map.publish();
    await devices.sync();
  });
  await site.settle();
  const captureDir = path.join(dir, 'captures');
  let capturing = options.capture ?? false;
  site.onSnapshot = async (_, snapshot, disks) => {
    if (!capturing) return;
    for (const { key, file } of disks)
      await file.copyTo(path.join(captureDir, snapshot.value, `${key}.raw`));
  };
  const control = stack.use(
    localControl({ dispatcher, devices, setCapture: (on) => void (capturing = on) }),
  );
  const controlServer = stack.use(await ControlServer.listen(control, options.controlPort ?? 0));
  const owned = stack.move();
  return {
    ...control,
    url: `https://127.0.0.1:${https.port}/sdk`,
    controlUrl: controlServer.url,
    address: `127.0.0.1:${https.port}`,
    thumbprintSha1: certificate.sha1,
    thumbprintSha256: certificate.sha256,
    user: world.user,
    password: world.password,
    applianceRoot,
    vddkMap: map.path,
    captureDir,
    [Symbol.asyncDispose]: async () => {
      for (const connection of world.connections.all) world.connections.end(connection);
      await owned.disposeAsync();
      rmSync(map.path, { force: true });
      const unused = dispatcher.faults.unused();
      if (unused.length > 0) throw new Error(`faults never hit: ${JSON.stringify(unused)}`);
      if (site.violations.length > 0) throw new Error(site.violations.join('; '));
    },
  };
}

async function makeWorld(site: Site, options: LabOptions, hostThumbprint: string): Promise<World> {
  const { scenario } = options;
  const places = makePlaces(site, { ...scenario, hostThumbprint });
  const world: World = {
    site,
    places,
    connections: new ConnectionTable(),
    privileges: new Privileges(),
    user: options.user ?? 'administrator@vsphere.local',
    password: options.password ?? 'lab-Passw0rd!',
    pageLimit: options.pageLimit ?? 100,
    instanceUuid: makeUuid(site.random),
    changedAreas: options.changedAreas ?? { perAnswer: 512, windowBytes: 256 * mib },
  };
  addManagers(world);
  for (const vm of scenario.vms) {
    const made = await addVm(site, places, vm);
    if (vm.name === scenario.appliance) site.appliance = made;
  }
  return world;
}
