import { create as createHttp, type AxiosInstance } from 'axios';
import { createClientAsync, type Client, type IOptions } from 'soap';
import type { ServerAddress } from './address.ts';
import { normalise } from './decode.ts';
import { decodeBody } from './decode-updates.ts';
import { encodeRequest } from './encode.ts';
import { buildWsdl } from './schema/wsdl.ts';
import { decodedFault, soapError, type CallPlace } from './soap-error.ts';
import { TrustAgent, type Trust } from './tls.ts';
import { at, morefAt, type VimObject, type VimValue } from './value.ts';

const maxAnswerBytes = 512 * 1024 * 1024;
const cookieName = 'vmware_soap_session';
const jsonBody = { 'Content-Type': 'application/json' };
const envelopeStart =
  '<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>';
const envelopeEnd = '</soap:Body></soap:Envelope>';

/** The login's cookie, shared by the channels of one connection. */
export interface Cookie {
  /** `name=value` exactly as the server sent it (vCenter quotes the value). */
  header: string | undefined;
}

export interface ChannelOptions {
  readonly address: ServerAddress;
  readonly trust: Trust;
  readonly userAgent: string;
  readonly maxSockets: number;
  readonly cookie: Cookie;
}

export interface RestCall {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: VimValue | undefined;
}

export interface Answer {
  readonly value: VimValue | undefined;
  /** The envelope as received. */
  readonly body: string;
}

/** One `soap` client on sockets of its own. Knows nothing of logins or repeats. */
export class SoapChannel {
  readonly #options: ChannelOptions;
  readonly #agent: TrustAgent;
  readonly #http: AxiosInstance;
  readonly #client: Client;
  /** Declared to the server and held against the schema's fields. */
  apiVersion: string | undefined;

  private constructor(
    options: ChannelOptions,
    http: AxiosInstance,
    parts: { agent: TrustAgent; client: Client },
  ) {
    this.#options = options;
    this.#http = http;
    this.#agent = parts.agent;
    this.#client = parts.client;
  }

  static async open(options: ChannelOptions): Promise<SoapChannel> {
    const agent = new TrustAgent(options.trust, options.maxSockets);
    const http = createHttp({
      httpsAgent: agent,
      proxy: false,
      maxRedirects: 0,
      maxContentLength: maxAnswerBytes,
      headers: { 'User-Agent': options.userAgent },
    });
    http.interceptors.response.use((response) => {
      keepCookie(options.cookie, response.headers['set-cookie']);
      return response;
    });
    const client = await createClientAsync(
      buildWsdl(),
      {
        // axios ships its types twice, for import and for require.
        request: http as unknown as NonNullable<IOptions['request']>,
        disableCache: true,
        preserveWhitespace: true,
        // Dates stay the text that was sent.
        customDeserializer: { dateTime: (text: string) => text },
      },
      `https://${options.address.authority}/sdk`,
    );
    return new SoapChannel(options, http, { agent, client });
  }

  /** SHA-1 of the server's leaf certificate, from the latest handshake. */
  get leafSha1(): string | undefined {
    return this.#agent.leafSha1;
  }

  speak(apiVersion: string): void {
    this.apiVersion = apiVersion;
    this.#client.setSOAPAction(`urn:vim25/${apiVersion}`);
  }

  /** One request, one answer. Throws ColdframeError; see soapError for what tells outcomes apart. */
  async invoke(operation: string, parameters: VimObject, signal: AbortSignal): Promise<Answer> {
    const xml = encodeRequest(operation, parameters, this.apiVersion);
    const invoke = this.#client[`${operation}Async`] as Invoke;
    const headers = { 'User-Agent': this.#options.userAgent, ...this.#cookieHeader() };
    try {
      const [result, body] = await invoke.call(this.#client, { _xml: xml }, { signal }, headers);
      return { value: normalise(result?.returnval), body };
    } catch (error) {
      const calledOn = morefAt(parameters, '_this');
      throw soapError(error, {
        ...this.#place(operation),
        ...(calledOn === undefined ? {} : { calledOn }),
      });
    } finally {
      // They hold the password (Login) or a copy of the last answer.
      this.#client.lastRequest = '';
      this.#client.lastMessage = '';
      this.#client.lastResponse = null;
      this.#client.lastRequestHeaders = null;
    }
  }

  /**
   * Like `invoke`, for the large answers of the inventory: decoded by decode-updates.ts, without
   * the schema and without `soap`, which takes ten times as long and blocks all that time.
   */
  async invokeLarge(
    operation: string,
    parameters: VimObject,
    signal: AbortSignal,
  ): Promise<VimValue | undefined> {
    const place = this.#place(operation);
    const data = `${envelopeStart}${encodeRequest(operation, parameters, this.apiVersion)}${envelopeEnd}`;
    try {
      const { data: text } = await this.#http.request<string>({
        method: 'POST',
        url: `https://${this.#options.address.authority}/sdk`,
        data,
        signal,
        responseType: 'text',
        transformResponse: (received: string) => received,
        // A fault comes with 500.
        validateStatus: (status) => status === 200 || status === 500,
        headers: {
          'Content-Type': 'text/xml; charset=utf-8',
          SOAPAction: `"urn:vim25/${this.apiVersion ?? ''}"`,
          ...this.#cookieHeader(),
        },
      });
      const { name, value } = decodeBody(text);
      if (name !== 'Fault') return at(value, 'returnval');
      throw decodedFault(value, place);
    } catch (error) {
      throw soapError(error, place);
    }
  }

  #cookieHeader(): { readonly Cookie?: string } {
    const { header } = this.#options.cookie;
    return header === undefined ? {} : { Cookie: header };
  }

  /** A plain GET with the cookie: version list, datastore files. Undefined on 404. */
  async get(path: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { status, data } = await this.#plain({ method: 'GET', path }, signal);
    if (status === 200) return new Uint8Array(data);
    if (status === 404) return undefined;
    throw soapError({ response: { status } }, this.#place('GET'));
  }

  /** A plain PUT with the cookie: datastore files. */
  async put(path: string, data: Uint8Array, signal: AbortSignal): Promise<void> {
    const { status } = await this.#plain({ method: 'PUT', path, data }, signal);
    if (status < 200 || status > 299) throw soapError({ response: { status } }, this.#place('PUT'));
  }

  async #plain(
    request: { readonly method: string; readonly path: string; readonly data?: Uint8Array },
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly data: ArrayBuffer }> {
    const { method, path, data } = request;
    try {
      return await this.#http.request<ArrayBuffer>({
        method,
        url: `https://${this.#options.address.authority}${path}`,
        responseType: 'arraybuffer',
        signal,
        validateStatus: null,
        headers: {
          ...this.#cookieHeader(),
          ...(data === undefined ? {} : { 'Content-Type': 'application/octet-stream' }),
        },
        ...(data === undefined ? {} : { data: Buffer.from(data) }),
      });
    } catch (error) {
      throw soapError(error, this.#place(method));
    }
  }

  /** A call of a REST service, without the cookie. Undefined on 404. */
  async rest(request: RestCall, signal: AbortSignal): Promise<VimValue | undefined> {
    const { method, path, headers, body } = request;
    try {
      const { status, data: text } = await this.#http.request<string>({
        method,
        url: `https://${this.#options.address.authority}${path}`,
        responseType: 'text',
        transformResponse: (received: string) => received,
        signal,
        validateStatus: (code) => code < 300 || code === 404,
        headers: { Accept: 'application/json', ...headers },
        ...(body === undefined
          ? {}
          : { data: JSON.stringify(body), headers: { ...headers, ...jsonBody } }),
      });
      if (status === 404) return undefined;
      // An empty list may come as null.
      const withoutNull = (_: string, value: VimValue | null) => value ?? undefined;
      return text === '' ? '' : (JSON.parse(text, withoutNull) as VimValue);
    } catch (error) {
      throw soapError(error, this.#place(method));
    }
  }

  #place(method: string): CallPlace {
    return { method, server: this.#options.address.authority };
  }

  close(): void {
    this.#agent.destroy();
  }
}

type Invoke = (
  args: { readonly _xml: string },
  options: { readonly signal: AbortSignal },
  headers: Readonly<Record<string, string>>,
) => Promise<[{ readonly returnval?: unknown } | null, string]>;

function keepCookie(cookie: Cookie, setCookie: readonly string[] | undefined): void {
  for (const line of setCookie ?? []) {
    const [pair = ''] = line.split(';', 1);
    if (pair.startsWith(`${cookieName}=`)) cookie.header = pair.trim();
  }
}
