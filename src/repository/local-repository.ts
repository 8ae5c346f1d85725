import { access, constants, lstat, statfs } from 'node:fs/promises';
import path from 'node:path';

import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { RepositoryFolder } from '#core/mover-orders.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import {
  archivePath,
  isFolderOfVm,
  splitArchivePath,
  type ArchivePathParts,
} from './archive-path.ts';
import { repositoryError, systemCode } from './fs-error.ts';
import { findArchives, findVmFolders, type FoundArchives } from './list-archives.ts';
import { requireMarker } from './marker.ts';
import { removeArchive, removePartial } from './remove-archive.ts';
import { takeStock, type Stock } from './stock.ts';
import { untilAborted } from './until-aborted.ts';
import { lockVmFolder, type VmLockOptions } from './vm-lock.ts';

/** What the repository asks about the inside of an archive. */
export interface ArchiveFacts {
  read(
    filePath: string,
    signal: AbortSignal,
  ): Promise<Pick<RestorePoint, 'header' | 'seal' | 'archiveBytes' | 'finishedAtMs' | 'disks'>>;
  readMember(filePath: string, member: string): Promise<Uint8Array>;
}

export interface RepositorySpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface ArchiveScan {
  readonly points: readonly RestorePoint[];
  /** Archives that lie there and cannot be read, and why. */
  readonly unreadable: readonly { readonly path: string; readonly error: ColdframeError }[];
  /** Final paths of unfinished archives. */
  readonly partials: readonly string[];
}

/** Where archives of one VM may lie. */
export interface VmArchivePlaces {
  readonly instanceUuid: string;
  /** Archives that are known; somebody may have put them into a folder of another name. */
  readonly paths: readonly string[];
}

/** Archives opened at once while listing; more only makes a slow share slower. */
const readsAtOnce = 8;

/** Repositories that are folders of this machine: local disks and mounted shares. */
export class LocalRepositories {
  readonly #facts: ArchiveFacts;

  constructor(facts: ArchiveFacts) {
    this.#facts = facts;
  }

  /** Throws 'repository' when the marker is missing or another's, or nothing can be written. */
  async check(repository: RepositoryConfig, signal: AbortSignal): Promise<RepositorySpace> {
    return untilAborted(this.#check(repository), signal);
  }

  archivePath(parts: ArchivePathParts): string {
    return archivePath(parts);
  }

  /** Every committed archive; throws when only one of them cannot be read. */
  async list(repository: RepositoryConfig, signal: AbortSignal): Promise<readonly RestorePoint[]> {
    return whole(repository, await this.scan(repository, signal));
  }

  /** The same for one VM: all of its folders, and those that hold `paths`. */
  async listVm(
    repository: RepositoryConfig,
    vm: VmArchivePlaces,
    signal: AbortSignal,
  ): Promise<readonly RestorePoint[]> {
    await untilAborted(requireMarker(folderOf(repository)), signal);
    const found = await untilAborted(
      findArchives(repository.root, signal, folderFilter(vm)),
      signal,
    );
    return whole(repository, await this.#readAll(repository, found, signal));
  }

  /** Locks every folder that `listVm` looks into. Throws 'busy' when one is in use. */
  async lockVm(
    repository: RepositoryConfig,
    vm: VmArchivePlaces,
    holder: Omit<VmLockOptions, 'vmFolder'>,
  ): Promise<AsyncDisposable> {
    await using stack = new AsyncDisposableStack();
    for (const vmFolder of await this.vmFolders(repository, vm))
      stack.use(await lockVmFolder({ ...holder, vmFolder }));
    return stack.move();
  }

  /** Absolute, and always in the order of their names, so that two who lock them cannot wait for each other. */
  async vmFolders(repository: RepositoryConfig, vm: VmArchivePlaces): Promise<readonly string[]> {
    await requireMarker(folderOf(repository));
    const folders = (await findVmFolders(repository.root)).filter(folderFilter(vm));
    return folders.map((folder) => path.join(repository.root, folder));
  }

  /** The same, with what cannot be read named instead; not for decisions to delete. */
  async scan(repository: RepositoryConfig, signal: AbortSignal): Promise<ArchiveScan> {
    await untilAborted(requireMarker(folderOf(repository)), signal);
    const found = await untilAborted(findArchives(repository.root, signal), signal);
    return this.#readAll(repository, found, signal);
  }

  /** Names and sizes, without opening anything; throws rather than answering in part. */
  async stock(repository: RepositoryConfig, signal: AbortSignal): Promise<Stock> {
    await untilAborted(requireMarker(folderOf(repository)), signal);
    return untilAborted(takeStock(repository.root, signal), signal);
  }

  async read(
    repository: RepositoryConfig,
    relative: string,
    signal: AbortSignal,
  ): Promise<RestorePoint> {
    const filePath = await locate(repository, relative);
    const facts = await untilAborted(this.#facts.read(filePath, signal), signal);
    return {
      header: facts.header,
      repositoryId: repository.id,
      path: relative,
      archiveBytes: facts.archiveBytes,
      finishedAtMs: facts.finishedAtMs,
      seal: facts.seal,
      disks: facts.disks,
    };
  }

  async readMember(
    repository: RepositoryConfig,
    relative: string,
    member: string,
  ): Promise<Uint8Array> {
    return this.#facts.readMember(await locate(repository, relative), member);
  }

  async removePartial(repository: RepositoryConfig, relative: string): Promise<void> {
    await removePartial(folderOf(repository), relative);
  }

  async remove(repository: RepositoryConfig, relative: string): Promise<void> {
    await removeArchive(folderOf(repository), relative);
  }

  async #check(repository: RepositoryConfig): Promise<RepositorySpace> {
    await requireMarker(folderOf(repository));
    try {
      await access(repository.root, constants.W_OK | constants.X_OK);
      const { bavail, blocks, bsize } = await statfs(repository.root);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    } catch (cause) {
      throw repositoryError(`The repository folder ${repository.root} cannot be used`, cause);
    }
  }

  async #readAll(
    repository: RepositoryConfig,
    found: FoundArchives,
    signal: AbortSignal,
  ): Promise<ArchiveScan> {
    const points = new Map<string, RestorePoint>();
    const unreadable: { path: string; error: ColdframeError }[] = [];
    const waiting = [...found.archives];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        signal.throwIfAborted();
        try {
          points.set(next, await this.read(repository, next, signal));
        } catch (error) {
          if (!(error instanceof ColdframeError)) throw error;
          unreadable.push({ path: next, error });
        }
      }
    };
    await Promise.all(Array.from({ length: readsAtOnce }, worker));
    const ordered = found.archives
      .map((name) => points.get(name))
      .filter((point) => point !== undefined);
    return { points: ordered, unreadable, partials: found.partials };
  }
}

function folderFilter({ instanceUuid, paths }: VmArchivePlaces): (folder: string) => boolean {
  const known = new Set(paths.map((each) => splitArchivePath(each).folder));
  return (folder) => known.has(folder) || isFolderOfVm(folder, instanceUuid);
}

/** The points of a scan; throws when it could not read all of them. */
function whole(
  repository: RepositoryConfig,
  { points, unreadable }: ArchiveScan,
): readonly RestorePoint[] {
  const [first] = unreadable;
  if (first === undefined) return points;
  throw new ColdframeError(
    first.error.code,
    `Repository ${repository.name} cannot be listed: ${first.path} cannot be read. ${first.error.message}`,
    { cause: first.error, details: { unreadable: unreadable.map((entry) => entry.path) } },
  );
}

function folderOf(repository: RepositoryConfig): RepositoryFolder {
  return { root: repository.root, repositoryId: repository.id };
}

/** Absolute path of a committed archive; throws unless it is a plain file in the marked root. */
async function locate(repository: RepositoryConfig, relative: string): Promise<string> {
  splitArchivePath(relative);
  await requireMarker(folderOf(repository));
  const filePath = path.join(repository.root, relative);
  try {
    const stats = await lstat(filePath);
    if (!stats.isFile())
      throw new ColdframeError('repository', `${filePath} is not a plain file and is not read.`);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT')
      throw new ColdframeError(
        'not-found',
        `Repository ${repository.name} has no archive ${relative}.`,
        { cause },
      );
    throw repositoryError(`${filePath} cannot be read`, cause);
  }
  return filePath;
}
