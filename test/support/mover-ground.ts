import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { wholeDisk } from '#core/extents.ts';
import type { BackupOrder, RestoreOrder } from '#core/mover-orders.ts';
import { initialiseRepository } from '#repository/initialise.ts';

import { seededRandom } from './random.ts';
import { sampleRestorePoint } from './sample-restore-point.ts';
import { temporaryFolder } from './temporary-folder.ts';

const MiB = 1024 ** 2;
export const capacityBytes = 24 * MiB + 512;
export const label = 'scsi0-0';
export const archive =
  'demo-app_5000a9a2-0000-4000-8000-000000000001/20260102T030405Z_full_aaaaaaaaaaaaaaaa.tar';

export interface MoverGround extends AsyncDisposable {
  readonly folder: string;
  readonly image: string;
  readonly order: BackupOrder;
  readonly settings: { readonly vddkStateDir: string; readonly workerEnv: Record<string, string> };
  restoreTo(target: string): RestoreOrder;
  leftovers(): Promise<readonly string[]>;
}

/** A repository, and a raw image of noise with a hole in it. */
export async function moverGround(): Promise<MoverGround> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await temporaryFolder());
  const root = join(folder, 'repository');
  await mkdir(root);
  await mkdir(join(folder, 'vddk'));
  await initialiseRepository({ root, id: 'repository000001', nowMs: 0 });
  const image = join(folder, 'disk.raw');
  await using file = await open(image, 'w');
  const noise = Buffer.alloc(10 * MiB);
  seededRandom(4).fill(noise);
  await file.write(noise, 0, noise.length, 0);
  await file.write(noise, 0, noise.length, 13 * MiB);
  await file.truncate(capacityBytes);
  const { header } = sampleRestorePoint({ id: 'aaaaaaaaaaaaaaaa', createdAtMs: 1 });
  const repository = { root, repositoryId: 'repository000001' };
  const kept = stack.move();
  return {
    folder,
    image,
    settings: { vddkStateDir: join(folder, 'vddk'), workerEnv: {} },
    order: {
      kind: 'backup',
      repository,
      path: archive,
      header: {
        ...header,
        compression: 'none',
        disks: [{ ...header.disks[0]!, label, capacityBytes }],
      },
      members: [{ name: 'vm/config.json', data: Buffer.from('{}\n') }],
      disks: [
        {
          label,
          access: { kind: 'block', path: image, transport: 'file', capacityBytes },
          extents: wholeDisk(capacityBytes),
          useAllocated: false,
        },
      ],
      compressLevel: 1,
    },
    restoreTo: (target) => ({
      kind: 'restore',
      chain: [{ repository, path: archive }],
      disks: [
        {
          label,
          access: { kind: 'block', path: target, transport: 'file', capacityBytes },
          targetIsZero: false,
        },
      ],
      readBack: 'full',
    }),
    leftovers: async () => {
      const folders = (await readdir(root, { withFileTypes: true })).filter((each) =>
        each.isDirectory(),
      );
      const names = await Promise.all(folders.map(({ name }) => readdir(join(root, name))));
      return names.flat();
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
