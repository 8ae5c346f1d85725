import { verifyArchives, type Findings, type VerifyOptions } from '#archive/verify.ts';

import { checkChunksNatively } from './check-chunks.ts';
import type { MoverJob } from './job.ts';
import { nativeDecoder } from './native-codec.ts';

/** How a mover reads archives for checking them. */
export function checkingReader({ settings, signal }: MoverJob) {
  return { ...nativeDecoder, identities: settings.identities ?? [], signal };
}

/** Checks every byte of the files, or of `part`, on native threads, and reports how far it is. */
export async function verifyFiles(
  files: readonly string[],
  job: MoverJob,
  part?: VerifyOptions['part'],
): Promise<Findings> {
  let doneBytes = 0;
  return verifyArchives(files, {
    ...checkingReader(job),
    part,
    checkChunks: checkChunksNatively,
    onBytes: (bytes) => {
      doneBytes += bytes;
      job.reporter.progress({
        label: '',
        phase: 'reading-back',
        doneBytes,
        totalBytes: 0,
        storedBytes: 0,
      });
    },
  });
}
