import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';

export interface PageAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly cookies: readonly string[];
  readonly body: string;
  /** SHA-256 of the certificate, upper-case colon hex. */
  readonly fingerprint: string;
}

export interface PageRequest {
  readonly port: number;
  readonly path: string;
  /** Sent as a form when given. */
  readonly form?: Readonly<Record<string, string>>;
}

/** One request to the admin page as a browser on the host would make it. */
export async function askPage({ port, path, form }: PageRequest): Promise<PageAnswer> {
  const origin = `https://127.0.0.1:${port}`;
  const call: ClientRequest = request(`${origin}${path}`, {
    method: form === undefined ? 'GET' : 'POST',
    headers:
      form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded', origin },
    // Self-signed: the caller compares the fingerprint instead.
    rejectUnauthorized: false,
    agent: false,
    timeout: 60_000,
  });
  call.on('timeout', () => call.destroy(new Error(`${path}: no answer within 60 s`)));
  call.end(form === undefined ? undefined : new URLSearchParams(form).toString());
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  const { fingerprint256 } = (answer.socket as TLSSocket).getPeerX509Certificate() ?? {};
  return {
    status: answer.statusCode ?? 0,
    location: answer.headers.location,
    cookies: answer.headers['set-cookie'] ?? [],
    body: await text(answer),
    fingerprint: fingerprint256 ?? '',
  };
}
