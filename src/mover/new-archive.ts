import { makeAgeStart } from '#archive/age-header.ts';
import { AgeSink } from '#archive/age-sink.ts';
import { encodeFacts } from '#archive/facts.ts';
import type { ByteSink } from '#archive/ports.ts';
import type { RepositoryFolder } from '#core/mover-orders.ts';
import type { Compression, Manifest, RestorePointHeader } from '#core/restore-point.ts';
import { createPartial } from '#repository/partial-archive.ts';
import { addSum } from '#repository/sums-file.ts';

import { openArchiveSink } from './archive-sink.ts';
import { SumSink } from './sum-sink.ts';

export interface NewArchiveOrder {
  readonly repository: RepositoryFolder;
  /** Final path below the root. */
  readonly path: string;
  readonly header: { readonly compression: Compression };
  /** Public keys of age; absent = not encrypted. */
  readonly encryptTo?: readonly string[] | undefined;
  /** Note the file's SHA-256 in SHA256SUMS. */
  readonly sums?: boolean | undefined;
}

/** The file of an archive to be; disposing removes it unless it was committed. */
export interface NewArchive extends AsyncDisposable {
  /** Where it is until then. */
  readonly filePath: string;
  /** For the archive writer. */
  readonly sink: ByteSink;
  /** Bytes on the disk so far. */
  readonly storedBytes: number;
  /** Ends writing. */
  close(): Promise<void>;
  commit(sealed: {
    readonly header: RestorePointHeader;
    readonly manifest: Manifest;
  }): Promise<void>;
}

/** Begins the file, encrypted where that is asked for. */
export async function createArchive(order: NewArchiveOrder): Promise<NewArchive> {
  const { encryptTo = [] } = order;
  const start = encryptTo.length === 0 ? undefined : await makeAgeStart(encryptTo);
  await using stack = new AsyncDisposableStack();
  const partial = stack.use(await createPartial(order.repository, order.path));
  const { filePath } = partial;
  const file = stack.use(await openArchiveSink(filePath, order.header.compression));
  const summed = order.sums === true ? new SumSink(file) : undefined;
  const stored: ByteSink = summed ?? file;
  const kept = stack.move();
  return {
    filePath,
    sink: start === undefined ? stored : new AgeSink(stored, start),
    get storedBytes() {
      return file.position;
    },
    close: () => file.close(),
    async commit(sealed) {
      if (start === undefined) await partial.commit();
      else await partial.commit(encodeFacts({ ...sealed, archiveBytes: file.position }));
      if (summed !== undefined) await addSum(order.repository, order.path, summed.digest());
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
