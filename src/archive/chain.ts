import { ColdframeError } from '#core/error.ts';
import type { RestorePointHeader } from '#core/restore-point.ts';
import { servesAs } from '#core/stand-ins.ts';

import { ArchiveReader, type ArchiveReaderOptions } from './archive-reader.ts';
import type { DiskReader } from './disk-reader.ts';

/** What the order of archives is decided by. */
export interface ChainLink {
  readonly header: Pick<RestorePointHeader, 'id' | 'parent' | 'replaces' | 'vm'>;
  readonly seal: string;
  readonly file: { readonly name: string };
}

/** One disk across the archives that it needs. */
export interface DiskChain {
  readonly label: string;
  readonly capacityBytes: number;
  /** Oldest (the disk's last full copy) first. */
  readonly layers: readonly DiskReader[];
  /** Index of the first layer's archive in the chain; the others follow. */
  readonly firstArchive: number;
}

/** The archives of one restore point: itself and what it stands on, oldest first. */
export class ArchiveChain implements AsyncDisposable {
  readonly archives: readonly ArchiveReader[];

  private constructor(archives: readonly ArchiveReader[]) {
    this.archives = archives;
  }

  /** Opens the files, in whatever order they are named, and checks that each is the next one's parent. */
  static async open(
    files: readonly string[],
    options: ArchiveReaderOptions,
  ): Promise<ArchiveChain> {
    await using stack = new AsyncDisposableStack();
    const readers: ArchiveReader[] = [];
    for (const file of files) readers.push(stack.use(await ArchiveReader.open(file, options)));
    const ordered = orderChain(readers);
    stack.move();
    return new ArchiveChain(ordered);
  }

  get newest(): ArchiveReader {
    return this.archives.at(-1)!;
  }

  /** Loads the chunk tables that a disk of the newest archive needs; throws 'chain-broken' when they reach no full copy. */
  async disk(label: string): Promise<DiskChain> {
    const firstArchive = this.#lastFullCopy(label);
    const needed = this.archives.slice(firstArchive);
    const layers = await Promise.all(needed.map((archive) => archive.disk(label)));
    return { label, capacityBytes: layers.at(-1)!.capacityBytes, layers, firstArchive };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using stack = new AsyncDisposableStack();
    for (const archive of this.archives) stack.use(archive);
  }

  /** Index of the newest archive that holds the whole disk and not only changes. */
  #lastFullCopy(label: string): number {
    if (this.newest.describedDisk(label) === undefined)
      throw new ColdframeError('not-found', `${this.newest.file.name} has no disk ${label}.`);
    for (let index = this.archives.length - 1; index >= 0; index--) {
      const mode = this.archives[index]!.describedDisk(label)?.mode;
      if (mode === 'full') return index;
      if (mode === undefined) break;
    }
    throw this.#noFull(label);
  }

  #noFull(label: string): ColdframeError {
    const oldest = this.archives[0]!;
    const needed = oldest.header.parent?.id ?? 'an earlier one';
    return new ColdframeError(
      'chain-broken',
      `Disk ${label} cannot be put together: the archives reach back to ${oldest.file.name} only, which needs restore point ${needed}. Add its archive.`,
    );
  }
}

/** Oldest first; throws 'chain-broken' unless the links form one line. */
export function orderChain<L extends ChainLink>(links: readonly L[]): L[] {
  if (new Set(links.map(({ header }) => header.id)).size !== links.length)
    throw new ColdframeError('invalid-input', 'The same restore point was named twice.');
  const parentOf = (link: L): L | undefined => findParent(link, links);
  const parents = new Set(links.map(parentOf));
  const ends = links.filter((link) => !parents.has(link));
  const [newest, other] = ends;
  if (newest === undefined)
    throw new ColdframeError('invalid-input', 'Name at least one archive of a chain.');
  if (other !== undefined)
    throw new ColdframeError(
      'chain-broken',
      `${newest.file.name} and ${other.file.name} do not belong to one chain: a restore point between them is missing, or they are of different chains.`,
    );
  const ordered = [newest];
  for (let link = newest; ;) {
    const parent = parentOf(link);
    if (parent === undefined) break;
    checkLink(parent, link);
    ordered.unshift(parent);
    link = parent;
  }
  if (ordered.length !== links.length)
    throw new ColdframeError('chain-broken', 'The archives do not form one chain.');
  return ordered;
}

/** The link that a child names as its parent, or a synthetic full that stands in for it. */
export function findParent<L extends ChainLink>(child: L, links: readonly L[]): L | undefined {
  const wanted = child.header.parent?.id;
  if (wanted === undefined) return undefined;
  return (
    links.find(({ header }) => header.id === wanted) ??
    links.find(({ header }) => header.replaces?.restorePointId === wanted)
  );
}

/** A child names its parent by id and seal, and is of the same VM. */
export function checkLink(parent: ChainLink, child: ChainLink): void {
  const wanted = child.header.parent;
  if (wanted === null || !servesAs(parent, wanted))
    throw new ColdframeError(
      'chain-broken',
      `${child.file.name} was made on another copy of restore point ${parent.header.id} than ${parent.file.name}: the seals differ. Use the copy that was there at the time.`,
    );
  if (child.header.vm.instanceUuid !== parent.header.vm.instanceUuid)
    throw new ColdframeError(
      'chain-broken',
      `${child.file.name} and ${parent.file.name} are of different virtual machines.`,
    );
}
