import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import assert from 'node:assert/strict';

import type { VsphereConnection } from '#engine/ports.ts';
import type { RecoverOutcome } from '#engine/requests.ts';
import { recover } from '#engine/recover.ts';
import type { LabAddress, LabVmState } from '#test/lab/control/lab-control.ts';
import { startLab, type Lab, type LabOptions } from '#test/lab/lab.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';

import { openEngineBench, type EngineBench, type EngineSite } from './engine-bench.ts';
import { firstDifference } from './same-bytes.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A lab with the small demo VM, an engine with every real adapter, and a folder for both. */
export interface LabGround extends AsyncDisposable {
  readonly folder: string;
  readonly lab: Lab;
  readonly bench: EngineBench;
  readonly connection: VsphereConnection;
  readonly signal: AbortSignal;
  readonly vm: (name: string) => Promise<LabVmState>;
  readonly recover: () => Promise<RecoverOutcome>;
  /** Morefs of the snapshots whose disks the lab has kept copies of, oldest first. */
  captures(): Promise<readonly string[]>;
  /** Fails unless every disk of the VM holds what it held when the snapshot was taken. */
  assertRestored(vmName: string, capture: string): Promise<void>;
  /** Fails if anything of ours is left in the lab or open in the journal. */
  assertTidy(): Promise<void>;
}

export interface GroundOptions {
  readonly vddk: boolean;
  readonly workerEnv?: EngineSite['workerEnv'];
  readonly limits?: EngineSite['limits'];
  readonly lab?: Partial<LabOptions>;
}

/** A lab alone, for engines that come and go. */
export interface LabOnly extends AsyncDisposable {
  readonly lab: Lab;
  readonly site: EngineSite;
  /** An engine on the site; one at a time, as the catalog is one process's. */
  open(): Promise<LabGround>;
}

export async function labOnly(options: GroundOptions): Promise<LabOnly> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await temporaryFolder());
  const lab = stack.use(
    await startLab({
      dir: join(folder, 'lab'),
      scenario: demoScenario(smallSizes),
      capture: true,
      ...options.lab,
    }),
  );
  const { vddk, workerEnv, limits } = options;
  const site: EngineSite = {
    dir: folder,
    lab: addressOf(lab),
    vddk,
    ...(workerEnv === undefined ? {} : { workerEnv }),
    ...(limits === undefined ? {} : { limits }),
  };
  const kept = stack.move();
  return {
    lab,
    site,
    open: () => openGround(lab, site),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export async function labGround(options: GroundOptions): Promise<LabGround> {
  await using stack = new AsyncDisposableStack();
  const { lab, site } = stack.use(await labOnly(options));
  const ground = stack.use(await openGround(lab, site));
  const kept = stack.move();
  return { ...ground, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** The lab's facts without its methods: another process can be given them. */
function addressOf(lab: Lab): LabAddress {
  const { url, controlUrl, address, thumbprintSha1, thumbprintSha256, user, password } = lab;
  const { applianceRoot, vddkMap, captureDir } = lab;
  return {
    url,
    controlUrl,
    address,
    thumbprintSha1,
    thumbprintSha256,
    user,
    password,
    applianceRoot,
    vddkMap,
    captureDir,
  };
}

async function openGround(lab: Lab, site: EngineSite): Promise<LabGround> {
  await using stack = new AsyncDisposableStack();
  const folder = site.dir;
  const bench = stack.use(await openEngineBench(site));
  const { signal } = new AbortController();
  const connection = stack.use(await bench.context.vsphere.connect(bench.endpoint, signal));
  const kept = stack.move();

  const vm = async (name: string): Promise<LabVmState> => {
    const found = (await lab.state()).vms.find((each) => each.name === name);
    assert.ok(found, `the lab has no VM ${name}`);
    return found;
  };
  return {
    folder,
    lab,
    bench,
    connection,
    signal,
    vm,
    recover: () =>
      recover(bench.context, { sources: bench.sources, runningTaskIds: new Set(), signal }),
    captures: async () =>
      (await readdir(lab.captureDir)).toSorted((a, b) => numberOf(a) - numberOf(b)),
    async assertRestored(vmName, capture) {
      const { disks } = await vm(vmName);
      const kept = (await readdir(join(lab.captureDir, capture))).toSorted();
      assert.equal(disks.length, kept.length);
      for (const [index, { key }] of disks.entries()) {
        const now = join(folder, `compare-${key}.raw`);
        await lab.copyDisk({ vm: vmName, key, to: now });
        const then = join(lab.captureDir, capture, kept[index]!);
        assert.equal(await firstDifference(now, then), undefined, `${vmName} disk ${key}`);
      }
    },
    async assertTidy() {
      const state = await lab.state();
      assert.deepEqual(state.attachments, []);
      assert.deepEqual(state.violations, []);
      assert.deepEqual(
        state.vms.flatMap(({ snapshots }) => snapshots),
        [],
      );
      assert.deepEqual(
        state.vms.filter(({ consolidationNeeded }) => consolidationNeeded),
        [],
      );
      assert.deepEqual(await bench.context.journal.open(), []);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function numberOf(moref: string): number {
  return Number(/(\d+)$/.exec(moref)?.[1] ?? 0);
}
