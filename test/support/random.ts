/** Repeatable randomness for tests: mulberry32. The seed belongs into the failure message. */
export interface Random {
  /** 0 <= x < 1 */
  next(): number;
  /** Integer in [0, bound). */
  below(bound: number): number;
  fill(buffer: Uint8Array): void;
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next32 = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  return {
    next: () => next32() / 2 ** 32,
    below: (bound) => Math.floor((next32() / 2 ** 32) * bound),
    fill: (buffer) => {
      for (let i = 0; i < buffer.length; i++) buffer[i] = next32() & 255;
    },
  };
}
