import { ColdframeError, toErrorRecord } from '#core/error.ts';
import { abortable } from './abortable.ts';
import type { Connection } from './connection.ts';
import { backOffMs } from './repeat.ts';
import { at, listAt, textAt, type VimValue } from './value.ts';

/** Tags are in another service of vCenter's, over REST, with a login of its own. */
const base = '/rest/com/vmware/cis';
const associations = `${base}/tagging/tag-association?~action=list-attached-objects-on-tags`;
const deadlineMs = 30_000;
/** Lists follow one another; nobody tags that fast. */
const keepMs = 30_000;
const maxAttempts = 3;

/** By the VM's moref, each as "category/name". */
export type TagsOfVms = ReadonlyMap<string, readonly string[]>;

/** The tags of one endpoint's VMs. A host has none. */
export class VmTags {
  readonly #connection: Connection;
  /** Tags and categories by id, as paths. They are hardly ever renamed: with the next login at the latest. */
  readonly #names = new Map<string, string>();
  #known: { readonly tags: TagsOfVms | undefined; readonly untilMs: number } | undefined;
  #reading: Promise<TagsOfVms | undefined> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Undefined when they could not be read; the reason is in the log. */
  async current(signal: AbortSignal): Promise<TagsOfVms | undefined> {
    const { clock, isHost } = this.#connection;
    if (isHost) return new Map();
    if (this.#known !== undefined && clock.now() < this.#known.untilMs) return this.#known.tags;
    // Others share it: a caller that gives up leaves it running.
    this.#reading ??= this.#readOrLog().finally(() => (this.#reading = undefined));
    const tags = await abortable(this.#reading, signal);
    this.#known = { tags, untilMs: clock.now() + keepMs };
    return tags;
  }

  async #readOrLog(): Promise<TagsOfVms | undefined> {
    for (let attempt = 1; ; attempt++)
      try {
        return await this.#read(new AbortController().signal);
      } catch (error) {
        const again = attempt < maxAttempts && isPassing(error);
        if (again) await this.#connection.clock.sleep(backOffMs(attempt));
        else {
          this.#connection.log.info('The tags of VMs could not be read.', {
            error: toErrorRecord(error),
          });
          return undefined;
        }
      }
  }

  async #read(signal: AbortSignal): Promise<TagsOfVms> {
    const login = await this.#connection.rest(
      { method: 'POST', path: `${base}/session`, login: 'password' },
      { signal, deadlineMs },
    );
    if (login === undefined) return new Map(); // a vCenter without that service
    const token = textAt(login, 'value') ?? '';
    const get = async (path: string, body?: VimValue): Promise<VimValue | undefined> =>
      this.#connection.rest(
        { method: body === undefined ? 'GET' : 'POST', path, login: { token }, body },
        { signal, deadlineMs },
      );
    try {
      const ids = listAt(await get(`${base}/tagging/tag`), 'value').map(String);
      if (ids.length === 0) return new Map();
      for (const id of ids) await this.#learnName(id, get);
      return this.#byVm(await get(associations, { tag_ids: ids }));
    } finally {
      await this.#connection
        .rest(
          { method: 'DELETE', path: `${base}/session`, login: { token } },
          { signal, deadlineMs },
        )
        .catch(() => undefined); // the server ends it when it is idle
    }
  }

  async #learnName(
    id: string,
    get: (path: string) => Promise<VimValue | undefined>,
  ): Promise<void> {
    if (this.#names.has(id)) return;
    const tag = await get(`${base}/tagging/tag/id:${encodeURIComponent(id)}`);
    if (tag === undefined) return; // removed meanwhile
    const categoryId = textAt(tag, 'value.category_id') ?? '';
    const category = await get(`${base}/tagging/category/id:${encodeURIComponent(categoryId)}`);
    this.#names.set(id, `${nameIn(category)}/${nameIn(tag)}`);
  }

  #byVm(answer: VimValue | undefined): TagsOfVms {
    const byVm = new Map<string, string[]>();
    for (const attached of listAt(answer, 'value')) {
      const name = this.#names.get(textAt(attached, 'tag_id') ?? '');
      if (name === undefined) continue;
      for (const object of listAt(attached, 'object_ids')) {
        const moref = textAt(object, 'id');
        if (moref === undefined || textAt(object, 'type') !== 'VirtualMachine') continue;
        byVm.set(moref, [...(byVm.get(moref) ?? []), name]);
      }
    }
    return byVm;
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof ColdframeError && ['unreachable', 'timeout'].includes(error.code);
}

function nameIn(answer: VimValue | undefined): string {
  const name = at(answer, 'value.name');
  if (typeof name === 'string') return name;
  throw new ColdframeError('vsphere-fault', 'vCenter named a tag or category without its name.');
}
