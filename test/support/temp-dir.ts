import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TempDir extends AsyncDisposable {
  readonly path: string;
  join(...parts: string[]): string;
}

/** A folder of the test's own, removed with all it holds when disposed. */
export async function tempDir(): Promise<TempDir> {
  const dir = await mkdtemp(path.join(tmpdir(), 'coldframe-test-'));
  return {
    path: dir,
    join: (...parts) => path.join(dir, ...parts),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
