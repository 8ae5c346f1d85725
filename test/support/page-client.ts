import { request, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import { ownPasswordField } from '#service/web/pages/password-again.ts';

import { pagePassword } from './page-bench.ts';

export interface PageAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Path that was shown in the end. */
  readonly path: string;
}

type Headers = Readonly<Record<string, string>>;

/** What a browser without JavaScript does: cookies, redirects, forms with their hidden fields. */
export class PageClient {
  readonly #url: string;
  #cookie = '';
  #csrf = '';
  #password = pagePassword;

  constructor(url: string) {
    this.#url = url;
  }

  /** One request, no redirect followed. */
  async send(method: 'GET' | 'POST', path: string, more: SendOptions = {}): Promise<PageAnswer> {
    const { fields, headers } = more;
    const body = fields === undefined ? undefined : new URLSearchParams(fields).toString();
    const response = await this.open({
      method,
      path,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const answer = await text(response);
    this.#csrf = /name="csrf" value="([^"]+)"/.exec(answer)?.[1] ?? this.#csrf;
    return { status: response.statusCode ?? 0, headers: response.headers, body: answer, path };
  }

  async get(path: string): Promise<PageAnswer> {
    return this.#follow(await this.send('GET', path));
  }

  /**
   * Posts a form as a page of ours would, its token included, and follows to the next page.
   * Asked for the password again, it gives the one that it signed in with.
   */
  async post(path: string, fields: Readonly<Record<string, string>> = {}): Promise<PageAnswer> {
    const answer = await this.#post(path, fields);
    return answer.body.includes(`name="${ownPasswordField}"`)
      ? this.#post(path, { ...fields, [ownPasswordField]: this.#password })
      : answer;
  }

  async #post(path: string, fields: Readonly<Record<string, string>>): Promise<PageAnswer> {
    return this.#follow(
      await this.send('POST', path, {
        fields: { csrf: this.#csrf, ...fields },
        headers: { origin: this.#url, 'sec-fetch-site': 'same-origin' },
      }),
    );
  }

  async signIn(password = pagePassword, user = 'admin'): Promise<PageAnswer> {
    this.#password = password;
    return this.post('/login', { user, password, next: '/' });
  }

  /** The answer while it is still coming: for event streams. */
  open(options: RequestOptions & { readonly body?: string }): Promise<IncomingMessage> {
    const { body, headers, ...rest } = options;
    const cookie = this.#cookie === '' ? {} : { cookie: this.#cookie };
    return new Promise((resolve, reject) => {
      const call = request(
        this.#url + (rest.path ?? '/'),
        // The certificate is self-signed: what is tested is behind it.
        { ...rest, headers: { ...(headers as Headers), ...cookie }, rejectUnauthorized: false },
        (response) => {
          for (const line of response.headers['set-cookie'] ?? [])
            this.#cookie = line.split(';')[0]!;
          resolve(response);
        },
      );
      call.once('error', reject);
      call.end(body);
    });
  }

  async #follow(answer: PageAnswer): Promise<PageAnswer> {
    const next = answer.headers.location;
    return next === undefined ? answer : this.#follow(await this.send('GET', next));
  }
}

interface SendOptions {
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Headers;
}
