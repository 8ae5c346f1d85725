import type { ColdframeError } from '#core/error.ts';
import type { Secret } from '#core/secret.ts';

import type { Fields } from './addon.ts';
import type { OrderBook } from './order-book.ts';
import { numberField } from './reply-field.ts';
import { WorkerDisk } from './worker-disk.ts';

export interface WorkerConnectionOptions {
  /** vCenter or ESXi without a scheme; absent: local disk files. */
  readonly server?: string;
  readonly port?: number;
  readonly nfcPort?: number;
  /** SHA-1, colon-separated hex. */
  readonly thumbprint?: string;
  readonly user?: string;
  readonly password?: Secret;
  /** Of a connection that has logged in; used instead of the password. */
  readonly sessionCookie?: Secret;
  readonly vmMoref?: string;
  /** Absent only for writing to a VM without snapshots. */
  readonly snapshotMoref?: string;
  readonly readOnly: boolean;
  /** In order of preference; absent: the library's own order. */
  readonly transports?: readonly string[];
  /** Who `prepareForAccess` acts for, at most 50 characters. */
  readonly identity?: string;
}

export interface OpenVddkOptions {
  readonly readOnly: boolean;
  readonly unbuffered?: boolean;
  /** Only nbd and nbdssl take notice of it. */
  readonly compression?: 'none' | 'zlib' | 'fastlz' | 'skipz';
  readonly signal?: AbortSignal;
}

/**
 * A VixDiskLib connection. Order: [prepareForAccess] → snapshot → connect → open … close → disconnect →
 * [endAccess] → [cleanup]; after a crash a fresh worker calls endAccess and cleanup without connect.
 */
export class WorkerConnection {
  readonly #orders: OrderBook;
  readonly #connection: number;
  readonly #ended: Promise<ColdframeError>;

  private constructor(orders: OrderBook, connection: number, ended: Promise<ColdframeError>) {
    this.#orders = orders;
    this.#connection = connection;
    this.#ended = ended;
  }

  /** Makes it known to the worker; nothing is sent to the server yet. */
  static async create(
    orders: OrderBook,
    options: WorkerConnectionOptions,
    ended: Promise<ColdframeError>,
  ): Promise<WorkerConnection> {
    const reply = await orders.send('newConnection', connectionFields(options));
    return new WorkerConnection(orders, numberField(reply, 'connection'), ended);
  }

  /** Success is no proof that the server can be reached: a wrong thumbprint may show only in `open`. */
  async connect(signal?: AbortSignal): Promise<void> {
    await this.#send('connect', {}, signal);
  }

  /** `path` is "[datastore] folder/name.vmdk", or a file where there is no server. */
  async open(path: string, options: OpenVddkOptions): Promise<WorkerDisk> {
    const { readOnly, unbuffered, compression, signal } = options;
    const fields = present({ path, readOnly, unbuffered, compression });
    return new WorkerDisk(this.#orders, await this.#send('openVix', fields, signal), this.#ended);
  }

  /** Close the disks before. */
  async disconnect(signal?: AbortSignal): Promise<void> {
    await this.#send('disconnect', {}, signal);
  }

  /** Keeps the VM from migrating. Journal it before, call `endAccess` after. */
  async prepareForAccess(signal?: AbortSignal): Promise<void> {
    await this.#send('prepareForAccess', {}, signal);
  }

  async endAccess(signal?: AbortSignal): Promise<void> {
    await this.#send('endAccess', {}, signal);
  }

  /** Removes what crashed workers with the same stateDir left behind. */
  async cleanup(signal?: AbortSignal): Promise<{ cleaned: number; remaining: number }> {
    const reply = await this.#send('cleanup', {}, signal);
    return {
      cleaned: numberField(reply, 'cleaned'),
      remaining: numberField(reply, 'remaining'),
    };
  }

  #send(name: string, fields: Fields, signal: AbortSignal | undefined) {
    return this.#orders.send(name, { connection: this.#connection, ...fields }, signal);
  }
}

function connectionFields(options: WorkerConnectionOptions): Fields {
  const { password, sessionCookie, transports, ...plain } = options;
  return present({
    ...plain,
    password: password?.reveal(),
    sessionCookie: sessionCookie?.reveal(),
    transports: transports?.join(':'),
  });
}

function present(fields: Readonly<Record<string, string | number | boolean | undefined>>): Fields {
  const kept: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value;
  return kept;
}
