import { parseArgs } from 'node:util';
import { benchCases } from './cases.ts';
import { prepare } from './context.ts';
import type { BenchResult } from './context.ts';

/**
 * npm run bench [-- --only NAME ...] [--rounds N] [--json]
 * Ratios of medians against a peer, alternating in one run. With --json the last line is
 * one JSON object: name → {ours, peer, ratio, unit, detail}.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const wanted = benchCases.filter((c) => values.only === undefined || values.only.includes(c.name));
if (wanted.length === 0) {
  process.stderr.write(`No such bench. There are: ${benchCases.map((c) => c.name).join(', ')}\n`);
  process.exit(2);
}
if (values.list) {
  for (const c of wanted) process.stdout.write(`${c.name.padEnd(28)} ${c.what}\n`);
  process.exit(0);
}

await using context = await prepare({ rounds: Number(values.rounds) });
const results: Record<string, BenchResult> = {};
let missed = 0;
for (const bench of wanted) {
  process.stdout.write(`${bench.name}: ${bench.what}\n`);
  for (const [name, result] of Object.entries(await bench.run(context))) {
    results[name] = result;
    const met = result.target === undefined || result.ratio >= result.target;
    if (!met) missed++;
    const target =
      result.target === undefined ? '' : `  target ${result.target}${met ? '' : '  MISSED'}`;
    process.stdout.write(
      `  ${name.padEnd(30)} ours ${result.ours.toFixed(3)}  peer ${result.peer.toFixed(3)} ${result.unit}` +
        `  ratio ${result.ratio.toFixed(2)}${target}\n    ${result.detail}\n`,
    );
  }
}
if (missed > 0) process.stdout.write(`${missed} below target\n`);
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
