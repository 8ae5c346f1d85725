import type { Clock } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';
import type { Secret } from '#core/secret.ts';
import { firstUser, type User, type UserRole } from '#core/user.ts';

import type { Attempts } from './attempts.ts';
import { hashPassword, passwordMatches } from './password.ts';
import type { SignIns } from './sign-ins.ts';
import { matchTotp } from './totp.ts';
import type { RecordAudit, StoredUser, UserStore } from './user-store.ts';

export interface UsersOptions {
  readonly store: UserStore;
  readonly signIns: SignIns;
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly record: RecordAudit;
}

export interface Credentials {
  readonly name: string;
  readonly password: Secret;
  /** From an authenticator; '' without one. */
  readonly code: string;
}

export interface UserChange {
  readonly role?: UserRole | undefined;
  readonly password?: Secret | undefined;
  /** Only off: switching on needs the person and a code. */
  readonly totp?: false | undefined;
}

/** Failed sign-ins with names that are no user's share one count. */
const nobody = '';

/** Local users of the page. */
export class Users {
  readonly #options: UsersOptions;
  readonly #usedSteps = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: UsersOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly User[]> {
    return (await this.#options.store.listUsers()).map(withoutHash);
  }

  /** No user yet: the first visitor of the page chooses the password of `admin`. */
  async isNew(): Promise<boolean> {
    return (await this.#options.store.listUsers()).length === 0;
  }

  /** Who it is; undefined when name, password or code are wrong, without saying which. */
  async signIn({ name, password, code }: Credentials): Promise<User | undefined> {
    const { store, attempts, record } = this.#options;
    const user = await store.getUser(name);
    const account = user?.name ?? nobody;
    attempts.assertMayTry(account);
    const right =
      (await this.#matches(user, password)) &&
      user !== undefined &&
      (!user.totp || (await this.#codeMatches(user.name, code)));
    const event = { who: account || 'nobody known', via: 'page', action: 'sign in' } as const;
    if (!right) {
      attempts.failed(account);
      await record({ ...event, target: name.slice(0, 64), outcome: 'refused' });
      return undefined;
    }
    attempts.succeeded(account);
    await record({ ...event, target: name, outcome: 'done' });
    return withoutHash(user);
  }

  /** Asked again before something that cannot be undone. */
  async isPasswordOf(name: string, password: Secret): Promise<boolean> {
    const { store, attempts } = this.#options;
    attempts.assertMayTry(name);
    const right = await this.#matches(await store.getUser(name), password);
    if (right) attempts.succeeded(name);
    else attempts.failed(name);
    return right;
  }

  async add(user: {
    readonly name: string;
    readonly role: UserRole;
    readonly password: Secret;
  }): Promise<User> {
    const { store, clock } = this.#options;
    const { name, role, password } = user;
    if ((await store.getUser(name)) !== undefined)
      throw new ColdframeError('invalid-input', `There is a user ${name} already.`);
    const passwordHash = await hashPassword(password);
    const fresh = { name, role, totp: false, createdAtMs: clock.now(), passwordHash };
    await store.saveUser(fresh);
    return withoutHash(fresh);
  }

  async addFirst(password: Secret): Promise<User> {
    if (!(await this.isNew()))
      throw new ColdframeError('no-permission', 'The password is set already. Sign in with it.');
    return this.add({ name: firstUser, role: 'administrator', password });
  }

  /** Whoever is signed in under that name is signed out. */
  async change(name: string, change: UserChange): Promise<User> {
    const { store, signIns, attempts } = this.#options;
    const user = await this.#get(name);
    const role = change.role ?? user.role;
    if (role !== 'administrator') await this.#assertNotLast(user);
    const changed: StoredUser = {
      ...user,
      role,
      totp: change.totp === false ? false : user.totp,
      passwordHash:
        change.password === undefined ? user.passwordHash : await hashPassword(change.password),
    };
    await store.saveUser(changed);
    signIns.endOf(name);
    attempts.succeeded(name);
    return withoutHash(changed);
  }

  async remove(name: string): Promise<void> {
    const { store, signIns } = this.#options;
    await this.#assertNotLast(await this.#get(name));
    await store.removeUser(name);
    signIns.endOf(name);
  }

  /** Switches the second factor on once a code shows that the authenticator has the secret. */
  async enrol(name: string, secret: Secret, code: string): Promise<void> {
    const { store, clock } = this.#options;
    const step = matchTotp(secret, code, { nowMs: clock.now(), usedStep: 0 });
    if (step === undefined)
      throw new ColdframeError(
        'invalid-input',
        "Nothing was changed: the code does not fit. Are the authenticator's clock and the appliance's right?",
      );
    this.#usedSteps.set(name, step);
    await store.saveUser({ ...(await this.#get(name)), totp: true }, secret);
  }

  async #get(name: string): Promise<StoredUser> {
    const user = await this.#options.store.getUser(name);
    if (user === undefined)
      throw new ColdframeError('not-found', `There is no user ${name}. See: coldframe user list`);
    return user;
  }

  async #assertNotLast(user: StoredUser): Promise<void> {
    if (user.role !== 'administrator') return;
    const all = await this.#options.store.listUsers();
    if (all.filter(({ role }) => role === 'administrator').length > 1) return;
    throw new ColdframeError(
      'not-eligible',
      `${user.name} is the last administrator. Make somebody else one first.`,
    );
  }

  /** One at a time: each takes 128 MiB. An unknown name takes as long as a known one. */
  #matches(user: StoredUser | undefined, password: Secret): Promise<boolean> {
    const result = this.#turn.then(async () => {
      if (user !== undefined) return passwordMatches(password, user.passwordHash);
      await passwordMatches(password, nobodysHash);
      return false;
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #codeMatches(name: string, code: string): Promise<boolean> {
    const { store, clock } = this.#options;
    const secret = await store.totpSecret(name);
    if (secret === undefined) return false;
    const usedStep = this.#usedSteps.get(name) ?? 0;
    const step = matchTotp(secret, code, { nowMs: clock.now(), usedStep });
    if (step !== undefined) this.#usedSteps.set(name, step);
    return step !== undefined;
  }
}

/** Costs as much to compare with as a real one, and fits no password. */
const nobodysHash = `scrypt$${2 ** 17}$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

function withoutHash({ name, role, totp, createdAtMs }: StoredUser): User {
  return { name, role, totp, createdAtMs };
}
