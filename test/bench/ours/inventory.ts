import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

import { Secret } from '#core/secret.ts';
import { systemClock } from '#service/system-clock.ts';
import { createVsphere } from '#vsphere/client.ts';

/** Logs in, reads the whole inventory once and says what it cost, as one line of JSON. */
const { values } = parseArgs({
  options: {
    address: { type: 'string', default: '' },
    user: { type: 'string', default: '' },
    thumbprint: { type: 'string', default: '' },
    'lib-dir': { type: 'string' },
  },
});

const { address, user, thumbprint } = values;
const signal = AbortSignal.timeout(600_000);
const vsphere = createVsphere({
  clock: systemClock,
  userAgent: 'coldframe/bench',
  log: { info: () => undefined, warn: () => undefined },
});
await using connection = await vsphere.connect(
  {
    id: 'bench',
    name: 'bench',
    address,
    user,
    password: new Secret(process.env['BENCH_PASSWORD'] ?? ''),
    thumbprint,
  },
  signal,
);
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const vms = await connection.listVms(signal);
delay.disable();
const firstStallMs = delay.max / 1e6;
const startedMs = performance.now();
await connection.listVms(signal);
process.stdout.write(
  `${JSON.stringify({
    vms: vms.length,
    stallMs: firstStallMs,
    againMs: performance.now() - startedMs,
    residentMiB: process.resourceUsage().maxRSS / 1024,
  })}\n`,
);
