import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { ColdframeError } from '#core/error.ts';
import type { GuestEntries, GuestEntry, GuestEntryKind, GuestVolumes } from '#core/guest-files.ts';

import { childPath, parseGuestPath, type GuestPath } from './guest-path.ts';
import type { Guestfish } from './guestfish.ts';
import { notThere } from './not-there.ts';
import { statEntries, statPath, type Figures } from './stat-entries.ts';

export interface GuestFilesOptions {
  readonly guestfish: Guestfish;
  readonly found: GuestVolumes;
  /** For what guestfish hands over in files. */
  readonly folder: string;
}

/** Bytes of a file, or of a folder as a tar. */
export interface GuestContent {
  readonly kind: 'file' | 'tar';
  /** Of a file. */
  readonly bytes: number | undefined;
  /** Ends by throwing when they could not be read to their end. */
  readonly parts: AsyncGenerator<Buffer, void>;
}

const typeBits = 0o170_000;
const kinds: ReadonlyMap<number, GuestEntryKind> = new Map([
  [0o100_000, 'file'],
  [0o040_000, 'folder'],
  [0o120_000, 'link'],
]);
/** Listed folders that are kept for their next page. */
const keptFolders = 8;
/** A folder of any size can be read within it. */
const transferMs = 12 * 3600 * 1000;

/** Folders and files on the volumes that are mounted in the small VM. */
export class GuestFiles {
  readonly found: GuestVolumes;
  readonly #guestfish: Guestfish;
  readonly #folder: string;
  readonly #folders = new Map<string, readonly Buffer[]>();
  #serial = 0;

  constructor({ guestfish, found, folder }: GuestFilesOptions) {
    this.found = found;
    this.#guestfish = guestfish;
    this.#folder = folder;
  }

  /** A page of a folder. Throws 'not-found' where there is none. */
  async list(
    text: string,
    { from, limit }: { readonly from: number; readonly limit: number },
  ): Promise<GuestEntries> {
    const path = this.#parse(text);
    const names = path.volume === undefined ? this.#volumeNames() : await this.#names(path);
    const page = names.slice(from, from + limit);
    const stats = await statEntries(this.#guestfish, path.bytes, page);
    const entries = await Promise.all(
      page.map((name, index) => this.#entry({ path: childPath(text, name), name }, stats[index]!)),
    );
    const next = from + page.length;
    return { entries, total: names.length, ...(next < names.length ? { next } : {}) };
  }

  /** Throws 'not-found', and 'invalid-input' for what is neither file nor folder. */
  async open(text: string): Promise<GuestContent> {
    const path = this.#parse(text);
    if (path.volume === undefined)
      throw new ColdframeError('invalid-input', 'Choose a volume, or a file or folder on one.');
    const stat = await statPath(this.#guestfish, path.bytes);
    const kind = kindOf(stat);
    if (kind === 'file')
      return {
        kind,
        bytes: stat.get('st_size'),
        parts: this.#transfer(['download', path.bytes]),
      };
    if (kind === 'folder') {
      const options = ['numericowner:true', 'xattrs:true'];
      return {
        kind: 'tar',
        bytes: undefined,
        parts: this.#transfer(['tar-out', path.bytes], options),
      };
    }
    throw new ColdframeError(
      'invalid-input',
      `"${text}" is neither a file nor a folder. Download the folder that holds it.`,
    );
  }

  #parse(text: string): GuestPath {
    const path = parseGuestPath(text);
    const volume = this.found.volumes.find(({ name }) => name === path.volume);
    if (path.volume === undefined || volume?.usage !== undefined) return path;
    throw new ColdframeError(
      'not-found',
      volume === undefined
        ? `There is no volume "${path.volume}".`
        : `The volume ${volume.name} (${volume.fileSystem}) holds no files that can be read. ${volume.error ?? ''}`.trim(),
    );
  }

  #volumeNames(): Buffer[] {
    const readable = this.found.volumes.filter(({ usage }) => usage !== undefined);
    return readable.map(({ name }) => Buffer.from(name));
  }

  /** Of a folder, by bytes. Nothing changes on these volumes, so what was read stays true. */
  async #names(path: GuestPath): Promise<readonly Buffer[]> {
    const key = path.bytes.toString('latin1');
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    const list = join(this.#folder, `names-${this.#serial++}`);
    try {
      await this.#guestfish.run(['ls0', path.bytes, list]).catch(notThere);
      const names = splitNames(await readFile(list));
      if (this.#folders.size >= keptFolders)
        this.#folders.delete(this.#folders.keys().next().value!);
      this.#folders.set(key, names);
      return names;
    } finally {
      await rm(list, { force: true });
    }
  }

  async #entry(
    named: { readonly path: string; readonly name: Buffer },
    stat: Figures,
  ): Promise<GuestEntry> {
    const figure = (field: string): number => stat.get(`st_${field}`) ?? 0;
    const kind = kindOf(stat);
    const linkTarget =
      kind === 'link'
        ? (await this.#guestfish.run(['readlink', parseGuestPath(named.path).bytes])).replace(
            /\n$/,
            '',
          )
        : undefined;
    return {
      name: named.name.toString('utf8'),
      path: named.path,
      kind,
      bytes: figure('size'),
      mode: figure('mode') & 0o7777,
      uid: figure('uid'),
      gid: figure('gid'),
      modifiedAtMs: figure('mtime_sec') * 1000 + Math.floor(figure('mtime_nsec') / 1e6),
      ...(linkTarget === undefined ? {} : { linkTarget }),
    };
  }

  /**
   * Guestfish writes into a named pipe, which `cat` turns into a stream. The end counts only when
   * the command says that it succeeded; one who stops early cancels it.
   */
  async *#transfer(
    command: readonly [string, Buffer],
    options: readonly string[] = [],
  ): AsyncGenerator<Buffer, void> {
    const pipe = join(this.#folder, `transfer-${this.#serial++}`);
    await finished(spawn('mkfifo', ['-m', '600', pipe], { stdio: 'ignore' }));
    const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'ignore'] });
    const done = this.#guestfish.run([...command, pipe, ...options], { ms: transferMs });
    // The pipe was perhaps never opened, and then `cat` would wait for ever.
    done.catch(() => reader.kill());
    try {
      yield* reader.stdout as AsyncIterable<Buffer>;
      await done;
    } finally {
      // For one who stopped early: the broken pipe makes libguestfs cancel the transfer.
      reader.kill();
      await done.catch(() => undefined);
      await rm(pipe, { force: true });
    }
  }
}

async function finished(child: ReturnType<typeof spawn>): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new ColdframeError('io', 'A named pipe could not be made.');
}

function kindOf(stat: Figures): GuestEntryKind {
  return kinds.get((stat.get('st_mode') ?? 0) & typeBits) ?? 'other';
}

/** Names end with NUL. */
function splitNames(bytes: Buffer): Buffer[] {
  const names: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    names.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return names.sort((a, b) => Buffer.compare(a, b));
}
