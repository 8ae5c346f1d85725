import { resolve } from 'node:path';

import { findLostData } from '#archive/lost-data.ts';
import type { LostData, VerifyDamage, VerifyOrder, VerifyResult } from '#core/mover-orders.ts';

import { chainPaths } from './chain-files.ts';
import type { MoverJob } from './job.ts';
import { checkingReader, verifyFiles } from './verify-files.ts';

/** Checks every byte of the chain's archives; damage is told with paths below their repository. */
export async function verify(order: VerifyOrder, job: MoverJob): Promise<VerifyResult> {
  const startedMs = performance.now();
  const files = await chainPaths(order.chain);
  const longPaths = new Map(order.chain.map(({ path }, index) => [path, files[index]!] as const));
  const { checkedBytes, damage, next } =
    order.known === undefined
      ? await verifyFiles(files, job, order.part)
      : {
          checkedBytes: 0,
          damage: order.known.map((each) => ({
            ...each,
            path: longPaths.get(each.path) ?? each.path,
          })),
          next: undefined,
        };
  const lost = damage.length === 0 ? [] : await findLostData(files, damage, checkingReader(job));
  const shortPaths = new Map(
    files.map((file, index) => [resolve(file), order.chain[index]!.path] as const),
  );
  const shortened = <T extends VerifyDamage | LostData>(each: T): T => ({
    ...each,
    path: shortPaths.get(resolve(each.path)) ?? each.path,
  });
  return {
    checkedBytes,
    damage: damage.map((each) => shortened(each)),
    lost: lost.map((each) => shortened(each)),
    ...(next === undefined ? {} : { next }),
    durationMs: performance.now() - startedMs,
  };
}
