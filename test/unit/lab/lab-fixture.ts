import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Lab, LabOptions } from '#test/lab/lab.ts';
import { startLab } from '#test/lab/lab.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';

/** A small fast lab in a folder of its own that goes with it. */
export async function smallLab(options: Partial<LabOptions> = {}): Promise<Lab> {
  const dir = await mkdtemp(path.join(tmpdir(), 'lab-'));
  const scenario = demoScenario(smallSizes);
  const lab = await startLab({ scenario, taskMs: 6, attachMs: 1, capture: true, ...options, dir });
  const dispose = lab[Symbol.asyncDispose];
  return {
    ...lab,
    [Symbol.asyncDispose]: async () => {
      try {
        await dispose();
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
  };
}

export interface DemoVm {
  readonly moref: string;
  readonly system: number;
  readonly data: number;
}

/** The demo VM's moref and disk keys. */
export async function demoVm(lab: Lab): Promise<DemoVm> {
  const { vms } = await lab.state();
  const vm = vms.find((each) => each.name === 'demo-app')!;
  return { moref: vm.moref, system: vm.disks[0]!.key, data: vm.disks[1]!.key };
}

export async function applianceMoref(lab: Lab): Promise<string> {
  return (await lab.state()).vms.find((each) => each.name === 'coldframe')!.moref;
}

/** Waits until `test` holds; what the appliance sees follows within milliseconds. */
export async function eventually(test: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!(await test())) {
    if (Date.now() > deadline) throw new Error('it did not come true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
