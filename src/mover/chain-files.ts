import { join } from 'node:path';

import { ArchiveChain } from '#archive/chain.ts';
import type { RepositoryFolder } from '#core/mover-orders.ts';
import type { Secret } from '#core/secret.ts';
import { requireMarker } from '#repository/marker.ts';

import { nativeDecoder } from './native-codec.ts';

export type ChainFiles = readonly {
  readonly repository: RepositoryFolder;
  readonly path: string;
}[];

/** Absolute paths, their repositories' markers checked. */
export async function chainPaths(chain: ChainFiles): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const { repository, path } of chain) {
    await requireMarker(repository);
    paths.push(join(repository.root, path));
  }
  return paths;
}

export async function openChain(
  chain: ChainFiles,
  signal: AbortSignal,
  identities: readonly Secret[] = [],
): Promise<ArchiveChain> {
  return ArchiveChain.open(await chainPaths(chain), { ...nativeDecoder, identities, signal });
}
