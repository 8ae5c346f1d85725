import { execFile } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { BenchCase, BenchContext } from '../context.ts';
import { nbdkit } from '../peers.ts';
import { fromPair } from '../result.ts';
import { shellQuote } from '../shell-quote.ts';
import { timeCommand, timePair } from '../timing.ts';

const run = promisify(execFile);
const mebibyte = 2 ** 20;

export const writeCases: readonly BenchCase[] = [
  {
    name: 'plain-vs-nbdcopy',
    what: 'plain archive, flushed, against nbdcopy --flush to a raw file',
    async run(context) {
      const [out, raw] = [join(context.scratch, 'plain'), join(context.scratch, 'peer.raw')];
      const ours = context.ours('backup.ts', { image: context.image, out });
      const peer = nbdkit(context.image, `nbdcopy --flush "$uri" ${shellQuote(raw)}`, {
        plugin: context.nbdkitPlugin,
      });
      const pair = await timePair(ours, peer, {
        rounds: context.rounds,
        before: { ours: removing(out, raw), peer: removing(out, raw) },
      });
      await timeCommand(removing(out, raw));
      return { 'plain-vs-nbdcopy': fromPair(pair, { target: 1.3 }) };
    },
  },
  {
    name: 'zstd-vs-best-compressed-peer',
    what: 'zstd-1 archive, flushed, against the fastest of three compressing peers',
    async run(context) {
      const out = join(context.scratch, 'zstd');
      const peers = compressingPeers(context);
      const tried = [];
      for (const peer of peers)
        tried.push({ ...peer, wallS: (await timeCommand(peer.command)).wallS });
      await timeCommand(removing(...peers.map(({ file }) => file)));
      const best = tried.toSorted((a, b) => a.wallS - b.wallS)[0]!;
      const ours = context.ours('backup.ts', { image: context.image, out, compression: 'zstd' });
      const pair = await timePair(ours, best.command, {
        rounds: context.rounds,
        // The other's output stays: its size is asked for below.
        before: { ours: removing(out), peer: removing(best.file) },
      });
      const [oursBytes, peerBytes] = [await allocated(out), await allocated(best.file)];
      await timeCommand(removing(out, best.file));
      const bound = await compressBound(context);
      const detail = `peer ${best.name}; tried ${tried.map((t) => `${t.name} ${t.wallS.toFixed(1)} s`).join(', ')}`;
      return {
        'zstd-vs-best-compressed-peer': fromPair(pair, { target: 3.5, detail }),
        'zstd-size-vs-peer': {
          ours: oursBytes / 2 ** 20,
          peer: peerBytes / 2 ** 20,
          ratio: peerBytes / oursBytes,
          unit: 'MiB',
          detail: 'size of the output; at most 2 % larger',
          target: 1 / 1.02,
        },
        'zstd-vs-compress-bound': {
          ours: pair.ours,
          peer: bound,
          ratio: bound / pair.ours,
          unit: 's',
          detail: 'bound: the same data through zstd -b1 in memory on all cores',
          target: 0.7,
        },
      };
    },
  },
];

function compressingPeers(
  context: BenchContext,
): { name: string; command: string; file: string }[] {
  const image = shellQuote(context.image);
  const file = (name: string): string => join(context.scratch, name);
  const [qcow2, tar, copy] = [file('peer.qcow2'), file('peer.tar.zst'), file('peer.raw.zst')];
  return [
    {
      name: 'qemu-img',
      file: qcow2,
      command: `qemu-img convert -c -O qcow2 -o compression_type=zstd -W -m 8 ${image} ${shellQuote(qcow2)} && sync ${shellQuote(qcow2)}`,
    },
    {
      name: 'tar|zstd',
      file: tar,
      command: `tar -S -cf - ${image} 2>/dev/null | zstd -q -f -1 -T2 -o ${shellQuote(tar)} && sync ${shellQuote(tar)}`,
    },
    {
      name: 'nbdcopy|zstd',
      file: copy,
      command: `${nbdkit(context.image, `nbdcopy "$uri" - | zstd -q -f -1 -T2 -o ${shellQuote(copy)}`, { plugin: 'file' })} && sync ${shellQuote(copy)}`,
    },
  ];
}

/** Seconds that the image's data take through zstd's own in-memory benchmark, one process a core. */
async function compressBound({ image, scratch }: BenchContext): Promise<number> {
  const sample = join(scratch, 'sample');
  const dataBytes = await sampleData(image, sample);
  const bench = `zstd -q -b1 -i3 -B${mebibyte} ${shellQuote(sample)}`;
  const outputs = await Promise.all(
    Array.from({ length: availableParallelism() }, () => run('bash', ['-c', `${bench} 2>&1`])),
  );
  await rm(sample);
  // Each prints the rates of compressing and decompressing, the final ones last.
  const rates = outputs.map(({ stdout }) => {
    const found = [...stdout.matchAll(/([\d.]+) MB\/s/g)].map((match) => Number(match[1]));
    return found.at(-2)! * 1e6;
  });
  return dataBytes / rates.reduce((sum, rate) => sum + rate, 0);
}

/** Copies every eighth MiB of what is allocated; returns how many bytes are allocated. */
async function sampleData(image: string, sample: string): Promise<number> {
  const map = await run('qemu-img', ['map', '-f', 'raw', '--output=json', image], {
    maxBuffer: 64 * mebibyte,
  });
  const extents = JSON.parse(map.stdout) as { start: number; length: number; data: boolean }[];
  await using from = await open(image, 'r');
  await using to = await open(sample, 'w');
  const buffer = Buffer.alloc(mebibyte);
  let dataBytes = 0;
  let next = 0;
  for (const { start, length } of extents.filter(({ data }) => data)) {
    for (; next < dataBytes + length; next += 8 * mebibyte) {
      const inExtent = next - dataBytes;
      const most = Math.min(buffer.length, length - inExtent);
      const { bytesRead } = await from.read(buffer, 0, most, start + inExtent);
      await to.write(buffer, 0, bytesRead);
    }
    dataBytes += length;
  }
  return dataBytes;
}

async function allocated(path: string): Promise<number> {
  const { stdout } = await run('du', ['-s', '--block-size=1', path]);
  return Number(stdout.split('\t')[0]);
}

function removing(...paths: readonly string[]): string {
  return `rm -rf ${paths
    .flatMap((path) => [path, `${path}.state`])
    .map(shellQuote)
    .join(' ')}; sync`;
}
