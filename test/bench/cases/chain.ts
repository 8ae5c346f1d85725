import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

import { initialiseRepository } from '#repository/initialise.ts';

import { standInDir } from '../../demo/stage.ts';
import type { BenchCase, BenchContext } from '../context.ts';
import { shellQuote } from '../shell-quote.ts';
import { benchHeader } from '../ours/header.ts';
import { standIn } from '../ours/stand-in.ts';
import { median, timeCommand } from '../timing.ts';

const archives = 30;
const chunks = 1_000_000;
const capacityBytes = 2 ** 41;
const repositoryId = 'benchrepository1';
const label = 'disk-2000';

export const chainCases: readonly BenchCase[] = [
  {
    name: 'open-chain',
    what: 'opening a chain of 30 archives with a million chunks',
    async run(context) {
      const files = await makeChain(context);
      const script = join(import.meta.dirname, '..', 'ours', 'open-chain.ts');
      const command = [process.execPath, script, repositoryId, label, ...files]
        .map(shellQuote)
        .join(' ');
      await timeCommand(command);
      const seconds: number[] = [];
      for (let i = 0; i < context.rounds; i++)
        seconds.push(Number((await timeCommand(command)).stdout) / 1000);
      const ours = median(seconds);
      return {
        'open-chain': {
          ours,
          peer: 1,
          ratio: 1 / ours,
          unit: 's',
          detail: 'the bound counts, not a peer',
          target: 1,
        },
      };
    },
  },
];

/** A full and 29 incrementals on it, each with its share of scattered 4 KiB chunks. */
async function makeChain(context: BenchContext): Promise<readonly string[]> {
  const root = join(context.scratch, 'chain');
  await mkdir(root);
  await initialiseRepository({ root, id: repositoryId, nowMs: 0 });
  const image = join(context.scratch, 'chain.raw');
  await using file = await open(image, 'w');
  await file.truncate(capacityBytes);
  const lab = standIn({ libDir: standInDir, dir: `${root}.state`, files: [image] });
  const files: string[] = [];
  let parent: { id: string; seal: string } | null = null;
  for (let i = 0; i < archives; i++) {
    const id = `benchbenchbench${'abcdefghijklmnopqrstuvwxyz234567'[i]}`;
    const time = `20260101T0000${String(i).padStart(2, '0')}Z`;
    const path = `bench_00000000-0000-0000-0000-000000000001/${time}_${i === 0 ? 'full' : 'incr'}_${id}.tar.zst`;
    const header = benchHeader([{ label, capacityBytes }], 'zstd');
    const result: { seal: string } = await lab.mover.run(
      {
        kind: 'backup',
        repository: { root, repositoryId },
        path,
        header: {
          ...header,
          id,
          parent,
          kind: i === 0 ? 'full' : 'incremental',
          disks: header.disks.map((disk) => ({
            ...disk,
            mode: i === 0 ? ('full' as const) : ('incremental' as const),
          })),
        },
        members: [],
        disks: [
          { label, access: lab.access(image, 'read'), extents: share(i), useAllocated: false },
        ],
        compressLevel: 1,
      },
      { signal: AbortSignal.timeout(120_000) },
    );
    parent = { id, seal: result.seal };
    files.push(join(root, path));
  }
  return files;
}

function share(archive: number): Float64Array {
  const count = Math.ceil(chunks / archives);
  const pairs = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) pairs.set([(i * archives + archive) * 65_536 * 16, 4096], 2 * i);
  return pairs;
}
