import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { DiskFile } from '../disk/disk-file.ts';

/** Every .vmdk by its datastore path, and the raw views of frozen chains. */
export class FileTable {
  readonly #files = new Map<string, DiskFile>();
  /** A chain deeper than one has no single raw file, so its frozen view gets one. */
  readonly #views = new Map<DiskFile, string>();
  readonly #viewDir: string;
  #viewCount = 0;

  constructor(viewDir: string) {
    this.#viewDir = viewDir;
  }

  add(file: DiskFile): void {
    this.#files.set(file.fileName, file);
  }

  find(fileName: string): DiskFile | undefined {
    return this.#files.get(fileName);
  }

  has(fileName: string): boolean {
    return this.#files.has(fileName);
  }

  children(of: DiskFile): DiskFile[] {
    return [...this.#files.values()].filter((file) => file.parent === of);
  }

  /** Makes sure that a frozen file can be read as one raw file. */
  async freeze(file: DiskFile): Promise<void> {
    if (file.parent === undefined || this.#views.has(file)) return;
    const view = path.join(
      this.#viewDir,
      `${++this.#viewCount}-${path.basename(file.fileName)}.raw`,
    );
    await file.copyTo(view);
    this.#views.set(file, view);
  }

  /** The raw file that shows this disk's content; undefined for the running end of a chain. */
  rawOf(file: DiskFile): string | undefined {
    return file.parent === undefined ? file.rawPath : this.#views.get(file);
  }

  /** After consolidation `into` shows what `gone` showed. */
  async replace(gone: DiskFile, into: DiskFile): Promise<void> {
    const stale = this.#views.get(into);
    if (stale !== undefined) await rm(stale, { force: true });
    this.#views.delete(into);
    const view = this.#views.get(gone);
    this.#views.delete(gone);
    if (view !== undefined && into.parent !== undefined) this.#views.set(into, view);
    else if (view !== undefined) await rm(view, { force: true });
    this.#files.delete(gone.fileName);
    await gone.delete();
  }

  async delete(file: DiskFile): Promise<void> {
    const view = this.#views.get(file);
    if (view !== undefined) await rm(view, { force: true });
    this.#views.delete(file);
    this.#files.delete(file.fileName);
    await file.delete();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()));
    this.#files.clear();
  }
}
