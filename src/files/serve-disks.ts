import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { OpenDisks } from '#archive/open-disks.ts';
import type { NbdExport } from '#nbd/block-source.ts';
import { NbdServer, type NbdAddress } from '#nbd/server.ts';

export interface ServeOptions {
  /** Default: a Unix socket in a new folder that only this user can enter. */
  readonly address?: NbdAddress;
  readonly onProblem: (error: unknown) => void;
}

export interface ServedDisks extends AsyncDisposable {
  readonly server: NbdServer;
  readonly exports: readonly (NbdExport & { readonly uri: string })[];
}

/** An NBD server with one export a disk, named after its label. */
export async function serveDisks(opened: OpenDisks, options: ServeOptions): Promise<ServedDisks> {
  await using stack = new AsyncDisposableStack();
  const address = options.address ?? { socket: join(await ownFolder(stack), 'nbd.sock') };
  const { header } = opened.chain.newest;
  const exports = opened.disks.map(({ disk, image }): NbdExport => ({
    name: disk.label,
    description: `${disk.deviceLabel} of ${header.vm.name}, ${new Date(header.createdAtMs).toISOString()}`,
    source: image,
  }));
  const { onProblem } = options;
  const server = stack.use(await NbdServer.listen({ address, exports, onProblem }));
  const kept = stack.move();
  return {
    server,
    exports: exports.map((each) => ({ ...each, uri: server.uri(each.name) })),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function ownFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-nbd-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
