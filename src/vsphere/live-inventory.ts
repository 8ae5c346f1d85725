import { ColdframeError, toErrorRecord } from '#core/error.ts';
import { cancelled } from '#core/deadline.ts';
import type { Moref } from '#core/vm.ts';
import { abortable } from './abortable.ts';
import type { Connection } from './connection.ts';
import { InventoryObjects, inventoryProperties } from './inventory-objects.ts';
import { createView, viewFilter } from './properties.ts';
import { backOffMs } from './repeat.ts';
import { booleanAt, morefOf, required, textAt, type VimValue } from './value.ts';
import { isFinal } from './watch-errors.ts';

/** An answer is decoded in one go: so many VMs with their devices take some milliseconds. */
const maxObjectUpdates = 100;
const maxAttempts = 4;
/** Nobody asks, yet what changed is fetched, so that the next one who asks waits for little. */
const catchUpMs = 60_000;
const waitDeadlineMs = 120_000;

interface Feed {
  readonly collector: Moref;
  /** The login that it and the view live in. */
  readonly epoch: number;
  readonly objects: InventoryObjects;
  view: Moref | undefined;
  version: string;
}

/**
 * The inventory of one endpoint: read once as a whole, then followed by what enters, changes and
 * leaves. It begins when it is first asked for. The collector is asked with WaitForUpdatesEx
 * and no waiting: a wait that blocks could not say "nothing has changed up to now", and whoever
 * lists VMs right after a change must see the change. After any failure the collector is made
 * anew and everything read again, so that no update is lost with an answer.
 */
export class LiveInventory implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #stop = new AbortController();
  #feed: Feed | undefined;
  #running: Promise<InventoryObjects> | undefined;
  #next: Promise<InventoryObjects> | undefined;
  #catchingUp: Promise<void> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The objects as they are now or later; callers share the work. */
  async current(signal: AbortSignal): Promise<InventoryObjects> {
    this.#catchingUp ??= this.#keepCatchingUp();
    try {
      return await abortable(this.#sync(), signal);
    } catch (error) {
      if (signal.aborted) throw cancelled('Reading the inventory', signal);
      throw error;
    }
  }

  /** One that has begun may have missed the latest change: who comes later waits for the next. */
  #sync(): Promise<InventoryObjects> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running
      .catch(() => undefined) // whoever waits for it is told
      .then(() => {
        this.#next = undefined;
        return this.#start();
      });
    return this.#next;
  }

  #start(): Promise<InventoryObjects> {
    const work = this.#persevere().finally(() => {
      if (this.#running === work) this.#running = undefined;
    });
    // Everybody who waited may have given up.
    work.catch(() => undefined);
    this.#running = work;
    return work;
  }

  async #persevere(): Promise<InventoryObjects> {
    const { signal } = this.#stop;
    for (let attempt = 1; ; attempt++)
      try {
        return await this.#fetch();
      } catch (error) {
        await this.#drop();
        if (signal.aborted) throw closed();
        if (isFinal(error) || refused(error) || attempt === maxAttempts) throw error;
        this.#connection.log.info('Reading the inventory was interrupted; starting again.', {
          error: toErrorRecord(error),
        });
        await this.#connection.clock.sleep(backOffMs(attempt), signal);
      }
  }

  /** All that has changed since the last time, page after page. */
  async #fetch(): Promise<InventoryObjects> {
    const feed = await this.#usableFeed();
    for (;;) {
      const update = await this.#changes(feed);
      if (update === undefined) return feed.objects;
      feed.objects.apply(update);
      feed.version = required(textAt(update, 'version'), 'update version');
      if (booleanAt(update, 'truncated') !== true) return feed.objects;
    }
  }

  async #changes({ collector, version }: Feed): Promise<VimValue | undefined> {
    return this.#connection.callLarge(
      'WaitForUpdatesEx',
      { _this: collector, version, options: { maxWaitSeconds: 0, maxObjectUpdates } },
      { signal: this.#stop.signal, deadlineMs: waitDeadlineMs },
    );
  }

  async #usableFeed(): Promise<Feed> {
    if (this.#feed?.epoch === this.#connection.epoch) return this.#feed;
    const connection = this.#connection;
    const { signal } = this.#stop;
    const made = await connection.call(
      'CreatePropertyCollector',
      { _this: connection.service('propertyCollector') },
      { signal },
    );
    const feed: Feed = {
      collector: required(morefOf(made), 'property collector'),
      epoch: connection.epoch,
      objects: new InventoryObjects(),
      view: undefined,
      version: '',
    };
    this.#feed = feed;
    feed.view = await createView(connection, Object.keys(inventoryProperties), { signal });
    const spec = { ...viewFilter(feed.view, inventoryProperties) };
    await connection.call(
      'CreateFilter',
      { _this: feed.collector, spec, partialUpdates: false },
      { signal },
    );
    return feed;
  }

  async #keepCatchingUp(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#connection.clock.sleep(catchUpMs, signal).catch(() => undefined); // then it ends
      // Whoever asks next is told what is wrong.
      if (!signal.aborted && this.#feed !== undefined) await this.#sync().catch(() => undefined);
    }
  }

  async #drop(): Promise<void> {
    const feed = this.#feed;
    this.#feed = undefined;
    if (feed === undefined || feed.epoch !== this.#connection.epoch) return;
    await this.#giveBack('DestroyPropertyCollector', feed.collector);
    if (feed.view !== undefined) await this.#giveBack('DestroyView', feed.view);
  }

  async #giveBack(operation: string, _this: Moref): Promise<void> {
    await this.#connection.cleanUp(operation, { _this }).catch(() => undefined); // it ends with the login
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(closed());
    await this.#catchingUp;
    await this.#running?.catch(() => undefined);
    await this.#next?.catch(() => undefined);
    await this.#drop();
  }
}

/** The server has said no, and would again. */
function refused(error: unknown): boolean {
  return error instanceof ColdframeError && ['no-permission', 'cancelled'].includes(error.code);
}

function closed(): ColdframeError {
  return new ColdframeError('cancelled', 'The connection is being closed.');
}
