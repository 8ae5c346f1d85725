import type { Clock } from '#core/clock.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { EndpointWithPassword } from '#core/config.ts';
import type { Moref } from '#core/vm.ts';
import { abortable } from './abortable.ts';
import { parseAddress, type ServerAddress } from './address.ts';
import { withDeadline } from '#core/deadline.ts';
import { keepAlive } from './keep-alive.ts';
import { backOffMs, mayRepeat } from './repeat.ts';
import { tableVersion } from './schema/table.ts';
import { chooseVersion } from './schema/version.ts';
import { SoapChannel, type Answer, type Cookie } from './soap-channel.ts';
import { isExpired, refuseExpired } from './soap-error.ts';
import type { Trust } from './tls.ts';
import {
  morefAt,
  required,
  serviceInstance,
  textAt,
  type VimObject,
  type VimValue,
} from './value.ts';

/** Of the room's logger, what this room writes to. */
export interface VsphereLog {
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
}

export interface ConnectionOptions {
  readonly endpoint: EndpointWithPassword;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly log: VsphereLog;
  /** PEM certificates to trust besides the system's. */
  readonly certificates?: readonly string[];
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly deadlineMs?: number;
}

export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly login: 'password' | { readonly token: string };
  readonly body?: VimValue | undefined;
}

const defaultDeadlineMs = 120_000;
const loginDeadlineMs = 60_000;
const logoutDeadlineMs = 15_000;
const cleanUpDeadlineMs = 20_000;
const fallbackVersion = '6.7';

/**
 * One login at one endpoint. Whoever calls need not care whether it has expired:
 * a NotAuthenticated answer is proof that the call was not carried out, so
 * there is one new login, shared by everybody, and the call is made again.
 * What lived in the old login (views, filters, tokens) is gone; `epoch` tells.
 */
export class Connection implements AsyncDisposable {
  readonly address: ServerAddress;
  readonly clock: Clock;
  readonly log: VsphereLog;
  readonly #options: ConnectionOptions;
  readonly #cookie: Cookie = { header: undefined };
  readonly #life = new AbortController();
  #channel!: SoapChannel;
  #content: VimObject = {};
  #renewing: Promise<void> | undefined;
  #refused: ColdframeError | undefined;
  #keptAlive: Promise<void> | undefined;
  readonly #cleanUps = new Set<Promise<unknown>>();
  #epoch = 0;
  #userSessionKey = '';

  private constructor(options: ConnectionOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.log = options.log;
    this.address = parseAddress(options.endpoint.address);
  }

  static async open(options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
    const connection = new Connection(options);
    await using cleanup = new AsyncDisposableStack();
    cleanup.use(connection);
    connection.#channel = await connection.openChannel(8);
    await withDeadline(
      options.clock,
      { signal, ms: loginDeadlineMs, what: `Logging in to ${connection.address.authority}` },
      async (both) => {
        connection.#channel.speak(await connection.#negotiate(both));
        const content = await connection.#channel.invoke(
          'RetrieveServiceContent',
          { _this: serviceInstance },
          both,
        );
        connection.#content = required(content.value, 'service content') as VimObject;
        await connection.#login(both);
      },
    );
    connection.#keptAlive = keepAlive(options.clock, connection.#life.signal, {
      ping: (both) => connection.call('CurrentTime', { _this: serviceInstance }, { signal: both }),
      onFailure: (error) =>
        connection.log.warn(`The connection to ${connection.address.authority} is not answering.`, {
          error: toErrorRecord(error),
        }),
    });
    cleanup.move();
    return connection;
  }

  /** Another channel on its own sockets, under the same login. */
  async openChannel(maxSockets: number): Promise<SoapChannel> {
    const { endpoint, certificates, userAgent } = this.#options;
    const trust: Trust = {
      ...(endpoint.thumbprint === undefined ? {} : { thumbprint: endpoint.thumbprint }),
      ...(certificates === undefined ? {} : { certificates }),
    };
    const channel = await SoapChannel.open({
      address: this.address,
      trust,
      userAgent,
      maxSockets,
      cookie: this.#cookie,
    });
    channel.speak(this.#content['about'] === undefined ? fallbackVersion : this.apiVersion);
    return channel;
  }

  /** Whether a renewal was refused: user or password are no longer right. */
  get refused(): boolean {
    return this.#refused !== undefined;
  }

  /** Grows with each login. */
  get epoch(): number {
    return this.#epoch;
  }

  get apiVersion(): string {
    return this.#channel.apiVersion ?? fallbackVersion;
  }

  get about(): VimValue | undefined {
    return this.#content['about'];
  }

  /** An ESXi host, not a vCenter. */
  get isHost(): boolean {
    return textAt(this.about, 'apiType') === 'HostAgent';
  }

  get leafSha1(): string {
    return required(this.#channel.leafSha1, 'certificate');
  }

  /** UserSession.key, which privilege checks ask for. */
  get userSessionKey(): string {
    return this.#userSessionKey;
  }

  /** A manager or root object out of ServiceContent. */
  service(name: string): Moref {
    return required(morefAt(this.#content, name), name);
  }

  async call(
    operation: string,
    parameters: VimObject,
    options: CallOptions,
  ): Promise<VimValue | undefined> {
    return (await this.callForBody(operation, parameters, options)).value;
  }

  /** Like `call`, with the envelope as received. */
  async callForBody(
    operation: string,
    parameters: VimObject,
    options: CallOptions,
  ): Promise<Answer> {
    return this.onChannel(this.#channel, operation, parameters, options);
  }

  /**
   * Gives something back at the server. It has a deadline of its own, does not die with the
   * signal that stopped the work, and the login is not closed before it has ended; once that is
   * being closed there is nothing to give back, since it all ends with the login.
   */
  async cleanUp(operation: string, parameters: VimObject): Promise<void> {
    if (this.#life.signal.aborted) return;
    const { signal } = new AbortController();
    const call = this.call(operation, parameters, { signal, deadlineMs: cleanUpDeadlineMs });
    this.#cleanUps.add(call);
    try {
      await call;
    } catch (error) {
      if (!this.#life.signal.aborted) throw error;
    } finally {
      this.#cleanUps.delete(call);
    }
  }

  /** GET below https://server/, with the login's cookie. Undefined on 404. */
  async download(path: string, options: CallOptions): Promise<Uint8Array | undefined> {
    const what = `Downloading from ${this.address.authority}`;
    return this.#persevere({ operation: 'GET', what }, options, (signal) =>
      this.#channel.get(path, signal),
    );
  }

  /**
   * One call of vCenter's REST services, which know nothing of this login. Undefined on 404; the
   * body of a 2xx otherwise.
   */
  async rest(request: RestRequest, options: CallOptions): Promise<VimValue | undefined> {
    const { method, path, login, body } = request;
    const { user, password } = this.#options.endpoint;
    const headers: Record<string, string> =
      login === 'password'
        ? {
            Authorization: `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`,
          }
        : { 'vmware-api-session-id': login.token };
    const what = `${method} ${path} at ${this.address.authority}`;
    return withDeadline(
      this.clock,
      { signal: options.signal, ms: options.deadlineMs ?? defaultDeadlineMs, what },
      (signal) => this.#channel.rest({ method, path, headers, body }, signal),
    );
  }

  /** PUT below https://server/, with the login's cookie; replaces what is there. */
  async upload(path: string, data: Uint8Array, options: CallOptions): Promise<void> {
    const what = `Uploading to ${this.address.authority}`;
    return this.#persevere({ operation: 'PUT', what }, options, (signal) =>
      this.#channel.put(path, data, signal),
    );
  }

  /** Like `call`, for an answer that may be large; see SoapChannel.invokeLarge. */
  async callLarge(
    operation: string,
    parameters: VimObject,
    options: CallOptions,
  ): Promise<VimValue | undefined> {
    const what = `${operation} at ${this.address.authority}`;
    return this.#persevere({ operation, what }, options, (signal) =>
      this.#channel.invokeLarge(operation, parameters, signal),
    );
  }

  /** One call on a channel. */
  async onChannel(
    channel: SoapChannel,
    operation: string,
    parameters: VimObject,
    options: CallOptions,
  ): Promise<Answer> {
    const what = `${operation} at ${this.address.authority}`;
    return this.#persevere({ operation, what }, options, async (signal) => {
      const answer = await channel.invoke(operation, parameters, signal);
      refuseExpired(answer.value, operation);
      return answer;
    });
  }

  /**
   * The one way in which requests are made: deadline, new login, and repeats with back-off
   * where repeat.ts allows them. Calls that change something are not repeated when their
   * outcome is unknown; callers look for the effect.
   */
  async #persevere<T>(
    { operation, what }: { readonly operation: string; readonly what: string },
    { signal, deadlineMs = defaultDeadlineMs }: CallOptions,
    request: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return withDeadline(this.clock, { signal, ms: deadlineMs, what }, async (both) => {
      let renewed = false;
      for (let attempt = 1; ; attempt++) {
        if (this.#refused !== undefined) throw this.#refused;
        const epoch = this.#epoch;
        try {
          return await request(both);
        } catch (error) {
          if (isExpired(error) && !renewed) {
            renewed = true;
            await this.#renew(epoch, both);
          } else if (mayRepeat(operation, error, attempt)) {
            await this.clock.sleep(backOffMs(attempt), both);
          } else throw error;
        }
      }
    });
  }

  async #renew(expired: number, signal: AbortSignal): Promise<void> {
    if (this.#epoch !== expired) return;
    if (this.#refused !== undefined) throw this.#refused;
    this.#renewing ??= withDeadline(
      this.clock,
      {
        signal: this.#life.signal,
        ms: loginDeadlineMs,
        what: `Logging in again to ${this.address.authority}`,
      },
      (both) => this.#login(both),
    ).finally(() => {
      this.#renewing = undefined;
    });
    // Others share this login: a caller that gives up leaves it running.
    await abortable(this.#renewing, signal);
  }

  async #login(signal: AbortSignal): Promise<void> {
    const { user, password } = this.#options.endpoint;
    this.#cookie.header = undefined; // Login on a live login is InvalidLogin
    const parameters = {
      _this: this.service('sessionManager'),
      userName: user,
      password: password.reveal(),
    };
    try {
      const { value } = await this.#channel.invoke('Login', parameters, signal);
      this.#userSessionKey = textAt(value, 'key') ?? '';
      this.#epoch++;
    } catch (error) {
      // Trying again with a wrong password locks the account.
      if (error instanceof ColdframeError && error.code === 'login-refused') this.#refused = error;
      throw error;
    }
  }

  async #negotiate(signal: AbortSignal): Promise<string> {
    const file = await this.#channel.get('/sdk/vimServiceVersions.xml', signal);
    const offered = file === undefined ? '' : new TextDecoder().decode(file);
    return chooseVersion(offered, tableVersion) ?? fallbackVersion;
  }

  /** Logs out under a deadline of its own; never throws. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort();
    await this.#keptAlive;
    await Promise.allSettled(this.#cleanUps);
    await this.#renewing?.catch(() => undefined); // reported to who waited for it
    if (this.#epoch > 0 && this.#cookie.header !== undefined)
      await withDeadline(
        this.clock,
        { ms: logoutDeadlineMs, what: `Logging out of ${this.address.authority}` },
        (signal) =>
          this.#channel.invoke('Logout', { _this: this.service('sessionManager') }, signal),
      ).catch((error: unknown) => {
        this.log.info('Logging out failed; the server drops the login when it has been idle.', {
          error: toErrorRecord(error),
        });
      });
    this.#channel?.close();
  }
}
