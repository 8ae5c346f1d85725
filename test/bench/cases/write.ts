import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { BenchCase, BenchContext } from '../context.ts';
import { shellQuote } from '../context.ts';
import { nbdkit } from '../peers.ts';
import { fromPair } from '../result.ts';
import { timeCommand, timePair } from '../timing.ts';

const run = promisify(execFile);

export const writeCases: readonly BenchCase[] = [
  {
    name: 'plain-vs-nbdcopy',
    what: 'plain archive, flushed, against nbdcopy --flush to a raw file',
    async run(context) {
      const [out, raw] = [join(context.scratch, 'plain'), join(context.scratch, 'peer.raw')];
      const ours = context.ours('backup.ts', { image: context.image, out });
      const peer = nbdkit(context.image, `nbdcopy --flush "$uri" ${shellQuote(raw)}`);
      const pair = await timePair(ours, peer, {
        rounds: context.rounds,
        before: removing(out, raw),
      });
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
      const best = tried.toSorted((a, b) => a.wallS - b.wallS)[0]!;
      const ours = context.ours('backup.ts', { image: context.image, out, compression: 'zstd' });
      const pair = await timePair(ours, best.command, {
        rounds: context.rounds,
        before: removing(out, best.file),
      });
      const [oursBytes, peerBytes] = [await allocated(out), await allocated(best.file)];
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
          detail: 'bound: the same bytes through zstd -b1 in memory on all cores',
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
      command: `${nbdkit(context.image, `nbdcopy "$uri" - | zstd -q -f -1 -T2 -o ${shellQuote(copy)}`)} && sync ${shellQuote(copy)}`,
    },
  ];
}

/** Seconds that the image's allocated bytes take through zstd's own in-memory benchmark on two cores. */
async function compressBound(context: BenchContext): Promise<number> {
  const sample = join(context.scratch, 'sample');
  // Every eighth MiB of what is allocated: the mixture of the whole.
  await run('bash', [
    '-c',
    `for i in $(seq 0 8 3900); do dd if=${shellQuote(context.image)} bs=1M skip=$i count=1 status=none; done > ${shellQuote(sample)}`,
  ]);
  const bench = `zstd -q -b1 -i3 -B1048576 ${shellQuote(sample)}`;
  const { stdout, stderr } = await run('bash', ['-c', `${bench} & ${bench} & wait`]);
  const rates = [...`${stdout}${stderr}`.matchAll(/([\d.]+) MB\/s/g)].map((match) =>
    Number(match[1]),
  );
  // Each run prints compression and decompression rates in turn; the last of each counts.
  const compress = rates.filter((_, i) => i % 2 === 0).slice(-2);
  const bytesPerSecond = compress.reduce((sum, rate) => sum + rate, 0) * 1e6;
  return (await allocated(context.image)) / bytesPerSecond;
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
