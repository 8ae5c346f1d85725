import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import type { FolderProof } from '#core/api.ts';
import { ColdframeError } from '#core/error.ts';

import { syncFolder } from './durable.ts';
import { repositoryError, systemCode } from './fs-error.ts';

const mib = 2 ** 20;
/** A crash may leave such a file; it is no content. */
export const testPrefix = '.coldframe-test-';
const sampleBytes = 8 * mib;
/** Far enough behind the data that a file system with holes leaves one. */
const holeBytes = 64 * mib;

/**
 * Does in the folder what archives need: write, make durable, rename over, read back, leave a hole, and
 * create a name that only one can have. Throws 'repository', 'no-space' or 'io' when it cannot; leaves nothing.
 */
export async function proveFolder(root: string, id: string): Promise<FolderProof> {
  const sample = path.join(root, `${testPrefix}${id}`);
  const renamed = `${sample}-renamed`;
  const names = [sample, renamed, `${sample}-hole`];
  try {
    const bytes = randomBytes(sampleBytes);
    const written = performance.now();
    await writeDurably(sample, bytes);
    await writeDurably(renamed, Buffer.from('to be replaced'));
    await rename(sample, renamed);
    await syncFolder(root);
    const read = performance.now();
    const back = await readFile(renamed);
    const done = performance.now();
    if (!back.equals(bytes)) throw notWhatWasWritten(root, back.length);
    await requireOneWinner(renamed, sample);
    const keepsHoles = await leavesHole(`${sample}-hole`);
    return {
      writeBytesPerSecond: perSecond(sampleBytes, read - written),
      readBytesPerSecond: perSecond(sampleBytes, done - read),
      keepsHoles,
    };
  } catch (cause) {
    throw repositoryError(`The folder ${root} failed the test of a repository`, cause);
  } finally {
    for (const name of names) await rm(name, { force: true }).catch(() => undefined);
  }
}

async function writeDurably(file: string, bytes: Buffer): Promise<void> {
  await using handle = await open(file, 'wx', 0o600);
  await handle.writeFile(bytes);
  await handle.sync();
}

/** Locks are names made by link(), which must fail for all but the first. */
async function requireOneWinner(existing: string, name: string): Promise<void> {
  await link(existing, name);
  const second = await link(existing, name).then(
    () => undefined,
    (error: unknown) => systemCode(error),
  );
  if (second === 'EEXIST') return;
  throw new ColdframeError(
    'repository',
    `The file system of ${path.dirname(name)} lets two make the same name, so two appliances could write at once. Use another file system or NFS version.`,
  );
}

async function leavesHole(file: string): Promise<boolean> {
  await using handle = await open(file, 'wx', 0o600);
  await handle.write(Buffer.from('end'), 0, 3, holeBytes);
  await handle.sync();
  const { blocks } = await stat(file);
  return blocks * 512 < holeBytes / 2;
}

function notWhatWasWritten(root: string, bytes: number): ColdframeError {
  return new ColdframeError(
    'repository',
    `The storage at ${root} returned other bytes than were written (${bytes} of ${sampleBytes}). Do not keep backups there; over NFS 4.2 try version 4.1.`,
  );
}

function perSecond(bytes: number, ms: number): number {
  return Math.round((bytes / Math.max(ms, 1)) * 1000);
}
