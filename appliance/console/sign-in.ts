import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createApiClient } from '#cli/api-client.ts';
import type { UserList } from '#core/api-users.ts';
import type { Terminal } from './terminal.ts';

const answerMs = 30_000;

export interface DoorOptions {
  readonly dataDir: string;
  /** Of the admin page, on this machine. */
  readonly port: number;
}

/**
 * Asks for an administrator's name and password and tries them at the admin page, whose delays after
 * wrong ones hold here too. Returns whether they are right; undefined when the question was left.
 */
export async function signIn(
  terminal: Terminal,
  options: DoorOptions,
): Promise<boolean | undefined> {
  const name = await terminal.ask({ label: 'User', initial: 'admin' });
  if (name === undefined) return undefined;
  const password = await terminal.ask({ label: 'Password', secret: true });
  if (password === undefined) return undefined;
  const user = name.trim().toLowerCase();
  const { users } = await createApiClient({
    dataDir: options.dataDir,
    signal: AbortSignal.timeout(answerMs),
  }).get<UserList>('/users');
  const known = users.find((each) => each.name === user);
  const code =
    known?.totp === true ? await terminal.ask({ label: 'Code of the authenticator' }) : '';
  if (code === undefined) return undefined;
  const right = await pageTakes(options.port, { user, password, code });
  return right && known?.role === 'administrator';
}

async function pageTakes(port: number, fields: Readonly<Record<string, string>>): Promise<boolean> {
  const origin = `https://localhost:${port}`;
  const call = request(`https://127.0.0.1:${port}/login`, {
    method: 'POST',
    headers: {
      host: `localhost:${port}`,
      origin,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/x-www-form-urlencoded',
    },
    // Our own page on our own machine; its certificate is for others.
    rejectUnauthorized: false,
    agent: false,
    signal: AbortSignal.timeout(answerMs),
  });
  call.end(new URLSearchParams({ ...fields, next: '/' }).toString());
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode === 303 || answer.statusCode === 302;
}
