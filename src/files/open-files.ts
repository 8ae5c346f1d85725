import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OpenDisks } from '#archive/open-disks.ts';
import type { Clock } from '#core/clock.ts';
import { Blake3, blake3 } from '#transport/native/digest.ts';
import { zstdDecode } from '#transport/native/zstd.ts';
import { zstdDecodeAside } from '#transport/zstd-aside.ts';

import { Guestfish } from './guestfish.ts';
import { GuestFiles } from './guest-files.ts';
import { findSystems, mountVolumes } from './guest-volumes.ts';
import { serveDisks } from './serve-disks.ts';
import { serveFiles } from './serve-files.ts';
import type { OpenOrder } from './wire.ts';

export interface OpenFilesOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface OpenedFiles extends AsyncDisposable {
  readonly socket: string;
}

/** Archives → NBD → libguestfs' small VM → files over HTTP on a Unix socket that only this user can reach. */
export async function openFiles(
  order: OpenOrder,
  { clock, signal }: OpenFilesOptions,
): Promise<OpenedFiles> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-files-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const disks = stack.use(
    await OpenDisks.open({
      files: order.archives,
      identities: order.identities,
      digester: { digest: blake3, create: () => new Blake3() },
      codec: { decompress: zstdDecode, decompressAside: zstdDecodeAside },
      signal,
    }),
  );
  const socket = join(folder, 'nbd.sock');
  const served = stack.use(
    await serveDisks(disks, {
      address: { socket },
      // The small VM sees an I/O error, and whoever reads the file an error of libguestfs.
      onProblem: (error) => process.stderr.write(`${String(error)}\n`),
    }),
  );
  const guestfish = stack.use(
    await Guestfish.start({
      clock,
      exports: served.exports.map(({ name }) => name),
      socket,
      folder,
      signal,
    }),
  );
  const systems = await findSystems(guestfish);
  const volumes = await mountVolumes(guestfish);
  signal.throwIfAborted();
  const files = new GuestFiles({ guestfish, found: { volumes, systems }, folder });
  const server = stack.use(await serveFiles(files, join(folder, 'files.sock')));
  const kept = stack.move();
  return { socket: server.socket, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
