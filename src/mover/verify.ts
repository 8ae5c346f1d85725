import { resolve } from 'node:path';

import { verifyArchives } from '#archive/verify.ts';
import type { VerifyOrder, VerifyResult } from '#core/mover-orders.ts';

import { chainPaths } from './chain-files.ts';
import { checkChunksNatively } from './check-chunks.ts';
import type { MoverJob } from './job.ts';
import { nativeDecoder } from './native-codec.ts';

/** Checks every byte of the chain's archives; damage is told with paths below their repository. */
export async function verify(order: VerifyOrder, job: MoverJob): Promise<VerifyResult> {
  const startedMs = performance.now();
  const { reporter, settings, signal } = job;
  const files = await chainPaths(order.chain);
  let doneBytes = 0;
  const { checkedBytes, damage } = await verifyArchives(files, {
    ...nativeDecoder,
    identities: settings.identities ?? [],
    signal,
    checkChunks: checkChunksNatively,
    onBytes: (bytes) => {
      doneBytes += bytes;
      reporter.progress({
        label: '',
        phase: 'reading-back',
        doneBytes,
        totalBytes: 0,
        storedBytes: 0,
      });
    },
  });
  const shortPaths = new Map(
    files.map((file, index) => [resolve(file), order.chain[index]!.path] as const),
  );
  return {
    checkedBytes,
    damage: damage.map((each) => ({
      ...each,
      path: shortPaths.get(resolve(each.path)) ?? each.path,
    })),
    durationMs: performance.now() - startedMs,
  };
}
