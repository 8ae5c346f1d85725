import type { BenchCase, BenchResult } from '../context.ts';
import { timeCommand } from '../timing.ts';

const points = 1_000_000;

interface Figures {
  readonly fillMs: number;
  readonly openMs: number;
  readonly newestMs: number;
  readonly vmMs: number;
  readonly repositoryMs: number;
  readonly ofVmMs: number;
  readonly timesMs: number;
  readonly addMs: number;
  readonly timesAgainMs: number;
  readonly residentMiB: number;
}

export const catalogCases: readonly BenchCase[] = [
  {
    name: 'catalog-million',
    what: 'a catalog of a million restore points: opened, listed, filtered, added to',
    async run(context) {
      process.stdout.write('  filling the catalog (some minutes)\n');
      const command = context.ours('catalog.ts', {
        dir: context.scratch,
        points: String(points),
      });
      const figures = JSON.parse((await timeCommand(command)).stdout) as Figures;
      const { openMs, newestMs, vmMs, repositoryMs, ofVmMs, addMs, timesAgainMs } = figures;
      const lists = Math.max(newestMs, vmMs, repositoryMs, ofVmMs);
      return {
        'catalog-million-open': bound(openMs, 1000, 'ms', `filled in ${seconds(figures.fillMs)}`),
        'catalog-million-lists': bound(lists, 500, 'ms', 'the slowest of four pages'),
        'catalog-million-times': bound(
          addMs + timesAgainMs,
          500,
          'ms',
          `after a backup; ${seconds(figures.timesMs)} the first time`,
        ),
        'catalog-million-memory': bound(
          figures.residentMiB,
          1024,
          'MiB resident',
          'filling and the times of all points among it',
        ),
      };
    },
  },
];

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** The bound counts, not a peer. */
function bound(ours: number, most: number, unit: string, detail: string): BenchResult {
  return { ours, peer: most, ratio: most / ours, unit, detail, target: 1 };
}
