import { Secret } from '#core/secret.ts';
import { systemClock } from '#service/system-clock.ts';
import { probeCertificate } from '#vsphere/certificate.ts';
import { inventoryProperties } from '#vsphere/inventory-objects.ts';

import { govcEnv } from '../../peers/govc.ts';
import { peerPath } from '../../peers/peer.ts';
import { startVcsim } from '../../peers/vcsim.ts';
import type { BenchCase, BenchContext, BenchResult } from '../context.ts';
import { fromPair } from '../result.ts';
import { timeCommand, timePair } from '../timing.ts';

const vmCount = 10_000;
const mostStallMs = 100;
const mostResidentMiB = 350;
const login = { user: 'bench', password: new Secret('bench-word') };

interface Cost {
  readonly vms: number;
  readonly stallMs: number;
  readonly againMs: number;
  readonly residentMiB: number;
}

export const inventoryCases: readonly BenchCase[] = [
  {
    name: 'inventory-10000',
    what: "first reading of 10,000 VMs from vcsim, against govc's listing of the same properties",
    async run(context) {
      process.stdout.write('  making 10,000 VMs in vcsim (a minute and more)\n');
      // Two resource pools have so many each.
      const { user, password } = login;
      const model = ['-vm', String(vmCount / 2), '-user', user, '-password', password.reveal()];
      await using vcsim = await startVcsim(model);
      const ours = await ourCommand(context, vcsim.address);
      const pair = await timePair(ours, govcCommand(vcsim.address), { rounds: context.rounds });
      const cost = JSON.parse((await timeCommand(ours)).stdout) as Cost;
      if (cost.vms !== vmCount) throw new Error(`${cost.vms} VMs were listed`);
      return {
        'inventory-10000-vs-govc': fromPair(pair, {
          target: 1 / 1.5,
          detail: `listing again ${cost.againMs.toFixed(0)} ms`,
        }),
        'inventory-10000-stall': bound(cost.stallMs, mostStallMs, 'ms of event loop'),
        'inventory-10000-memory': bound(cost.residentMiB, mostResidentMiB, 'MiB resident'),
      };
    },
  },
];

function bound(ours: number, most: number, unit: string): BenchResult {
  return {
    ours,
    peer: most,
    ratio: most / ours,
    unit,
    detail: 'the bound counts, not a peer',
    target: 1,
  };
}

async function ourCommand(context: BenchContext, address: string): Promise<string> {
  const { sha256 } = await probeCertificate(address, { clock: systemClock });
  const command = context.ours('inventory.ts', { address, user: login.user, thumbprint: sha256 });
  return `env BENCH_PASSWORD=${login.password.reveal()} ${command}`;
}

function govcCommand(address: string): string {
  // No value here has a character that means anything to a shell.
  const env = Object.entries(govcEnv({ address, ...login })).map((pair) => pair.join('='));
  const paths = inventoryProperties['VirtualMachine'] ?? [];
  return [
    'env',
    ...env,
    peerPath('govc'),
    'object.collect -json -type m /',
    ...paths,
    '>/dev/null',
  ].join(' ');
}
