import { randomBytes } from 'node:crypto';
import type { ManagedObject } from '../model/inventory.ts';
import type { Site } from '../model/site.ts';
import { Collector } from '../property/collector.ts';
import type { ReadGuard } from '../property/content.ts';
import type { Ref } from '../soap/values.ts';
import { ref, refKey } from '../soap/values.ts';

/** One login: what belongs to it vanishes with it. */
export class Connection {
  readonly key: string;
  readonly userName: string;
  readonly userAgent: string;
  readonly loginTime = new Date().toISOString();
  lastActiveTime = this.loginTime;
  callCount = 0;
  readonly objects = new Map<string, ManagedObject>();
  readonly collectors = new Map<string, Collector>();
  readonly #site: Site;
  readonly #guard: ReadGuard;
  readonly #pageLimit: number;
  #next = 1;

  constructor(init: ConnectionInit) {
    this.key = init.key;
    this.userName = init.userName;
    this.userAgent = init.userAgent;
    this.#site = init.site;
    this.#guard = init.guard;
    this.#pageLimit = init.pageLimit;
    this.collectors.set('propertyCollector', this.#newCollector());
  }

  find(which: Ref): ManagedObject | undefined {
    return this.objects.get(refKey(which)) ?? this.#site.inventory.find(which);
  }

  /** Reference of an object that belongs to this connection. */
  nextRef(type: string): Ref {
    return ref(type, `session[${this.key}]${this.#hex()}`);
  }

  addCollector(): Ref {
    const self = this.nextRef('PropertyCollector');
    this.collectors.set(self.value, this.#newCollector());
    return self;
  }

  close(): void {
    for (const collector of this.collectors.values()) collector.close();
  }

  /** As vim25's UserSession. */
  info(): object {
    return {
      $type: 'UserSession',
      key: this.key,
      userName: this.userName,
      fullName: this.userName,
      loginTime: this.loginTime,
      lastActiveTime: this.lastActiveTime,
      locale: 'en',
      messageLocale: 'en',
      extensionSession: false,
      ipAddress: '127.0.0.1',
      userAgent: this.userAgent,
      callCount: this.callCount,
    };
  }

  #newCollector(): Collector {
    return new Collector({
      inventory: this.#site.inventory,
      lookup: (which) => this.find(which),
      guard: this.#guard,
      pageLimit: this.#pageLimit,
    });
  }

  #hex(): string {
    return `52${(this.#next++).toString(16).padStart(6, '0')}-${randomBytes(4).toString('hex')}`;
  }
}

export interface ConnectionInit {
  readonly key: string;
  readonly userName: string;
  readonly userAgent: string;
  readonly site: Site;
  readonly guard: ReadGuard;
  readonly pageLimit: number;
}

/** Logged-in connections by cookie value. */
export class ConnectionTable {
  readonly #byCookie = new Map<string, Connection>();

  open(init: Omit<ConnectionInit, 'key'>): { connection: Connection; cookie: string } {
    const cookie = randomBytes(20).toString('hex');
    const connection = new Connection({ ...init, key: `52${randomBytes(15).toString('hex')}` });
    this.#byCookie.set(cookie, connection);
    return { connection, cookie };
  }

  /** Reads the Cookie header as browsers and SOAP clients send it, quoted or not. */
  find(header: string | undefined): Connection | undefined {
    const match = /(?:^|;\s*)vmware_soap_session="?([0-9a-f]+)"?/.exec(header ?? '');
    return match === null ? undefined : this.#byCookie.get(match[1]!);
  }

  get all(): Connection[] {
    return [...this.#byCookie.values()];
  }

  end(connection: Connection): void {
    for (const [cookie, each] of this.#byCookie)
      if (each === connection) this.#byCookie.delete(cookie);
    connection.close();
  }
}
