import type { BenchResult } from './context.ts';
import type { Pair } from './timing.ts';

export function fromPair(
  pair: Pair,
  more: { readonly target?: number; readonly detail?: string } = {},
): BenchResult {
  const figures = `CPU ${pair.oursCpuS.toFixed(2)} s against ${pair.peerCpuS.toFixed(2)} s`;
  return {
    ours: pair.ours,
    peer: pair.peer,
    ratio: pair.ratio,
    unit: 's',
    detail: more.detail === undefined ? figures : `${figures}; ${more.detail}`,
    ...(more.target === undefined ? {} : { target: more.target }),
  };
}
