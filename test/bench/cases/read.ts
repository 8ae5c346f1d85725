import { join } from 'node:path';

import type { BenchCase, BenchContext } from '../context.ts';
import { nbdkit } from '../peers.ts';
import { timePair } from '../timing.ts';
import { fromPair } from '../result.ts';

/** Latency of every read in the latency case. */
const latencyMs = 3;

export const readCases: readonly BenchCase[] = [
  {
    name: 'read-vs-nbdcopy',
    what: 'read with digests and zero detection into nothing, against nbdcopy null:',
    async run(context) {
      const ours = context.ours('read.ts', {
        image: context.image,
        'state-dir': stateDir(context),
      });
      const peer = nbdkit(context.image, 'nbdcopy "$uri" null:', {
        plugin: context.nbdkitPlugin,
      });
      const pair = await timePair(ours, peer, { rounds: context.rounds });
      return { 'read-vs-nbdcopy': fromPair(pair, { target: 2 }) };
    },
  },
  {
    name: 'latency-vs-nbdcopy',
    what: 'the same with 3 ms added to every read',
    async run(context) {
      const ours = context.ours('read.ts', {
        image: context.image,
        'state-dir': stateDir(context),
        'latency-ms': String(latencyMs),
      });
      const peer = nbdkit(context.image, 'nbdcopy "$uri" null:', {
        plugin: context.nbdkitPlugin,
        delayReadMs: latencyMs,
      });
      const pair = await timePair(ours, peer, { rounds: context.rounds });
      return { 'latency-vs-nbdcopy': fromPair(pair, { target: 2 }) };
    },
  },
];

function stateDir(context: BenchContext): string {
  return join(context.scratch, 'read');
}
