import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** One finished run of a whole command, its children included. */
export interface Sample {
  readonly wallS: number;
  readonly cpuS: number;
  /** Largest sum of resident set sizes of movers and disk workers seen in the process tree, bytes; 0 unless asked for. */
  readonly peakRssBytes: number;
  readonly stdout: string;
}

/**
 * Runs `command` under a shell that reports the CPU time of everything it waited for.
 * A non-zero exit is an error with the last of stderr: a bench must not time a failure.
 */
export async function timeCommand(
  command: string,
  options: { readonly rss?: boolean } = {},
): Promise<Sample> {
  const child = spawn('bash', ['-c', `(${command}\n) ; code=$?; times >&2; exit $code`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (stderr = (stderr + text).slice(-8192)));
  const stop = new AbortController();
  const peak =
    options.rss === true ? watchPeakRss(child.pid ?? 0, stop.signal) : Promise.resolve(0);
  const started = performance.now();
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const wallS = (performance.now() - started) / 1000;
  stop.abort();
  const peakRssBytes = await peak;
  if (code !== 0) throw new Error(`exit ${code}: ${command}\n${stderr}`);
  return { wallS, cpuS: cpuFromTimes(stderr), peakRssBytes, stdout };
}

/** `times` prints the shell's and its children's user and system time as 0m1.234s. */
function cpuFromTimes(stderr: string): number {
  const fields = stderr.match(/\d+m[\d.]+s/g)?.slice(-4) ?? [];
  return fields.reduce((sum, field) => {
    const [minutes = '0', seconds = '0'] = field.slice(0, -1).split('m');
    return sum + Number(minutes) * 60 + Number(seconds);
  }, 0);
}

/** The program that gives the order stands in for the service and is not counted. */
async function watchPeakRss(root: number, signal: AbortSignal): Promise<number> {
  let peak = 0;
  while (!signal.aborted) {
    peak = Math.max(peak, await treeRss(root));
    await setTimeout(50, undefined, { signal }).catch(() => undefined);
  }
  return peak;
}

async function treeRss(root: number): Promise<number> {
  let sum = 0;
  const pending = [root];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    try {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      // Pages of the shared ring count twice, once for each of the two: rather too much than too little.
      if (/mover\/main\.ts|disk-worker/.test(command)) {
        const status = await readFile(`/proc/${pid}/status`, 'utf8');
        sum += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
      }
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
      pending.push(...children.split(' ').filter(Boolean).map(Number));
    } catch {
      // The process ended between two looks.
    }
  }
  return sum;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Pair {
  readonly ours: number;
  readonly peer: number;
  /** peer / ours: above 1 means that we are quicker. */
  readonly ratio: number;
  readonly oursCpuS: number;
  readonly peerCpuS: number;
}

export interface PairOptions {
  readonly rounds: number;
  /** What clears the way for each, not timed. */
  readonly before?: { readonly ours: string; readonly peer: string };
}

/**
 * Alternates the two commands, so that a drift of the machine hits both, and who goes first,
 * since each leaves the page cache and the disk to the next; one round of warm-up.
 */
export async function timePair(ours: string, peer: string, options: PairOptions): Promise<Pair> {
  const a: Sample[] = [];
  const b: Sample[] = [];
  for (let round = -1; round < options.rounds; round++) {
    const pair = [
      [ours, a, options.before?.ours],
      [peer, b, options.before?.peer],
    ] as const;
    for (const [command, samples, before] of round % 2 === 0 ? pair : pair.toReversed()) {
      if (before !== undefined) await timeCommand(before);
      const sample = await timeCommand(command);
      if (round >= 0) samples.push(sample);
    }
  }
  const oursWall = median(a.map((s) => s.wallS));
  const peerWall = median(b.map((s) => s.wallS));
  return {
    ours: oursWall,
    peer: peerWall,
    ratio: peerWall / oursWall,
    oursCpuS: median(a.map((s) => s.cpuS)),
    peerCpuS: median(b.map((s) => s.cpuS)),
  };
}
