import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as startRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import type { EndpointWithPassword } from '#core/config.ts';
import { Secret } from '#core/secret.ts';
import { makeCertificate } from '#test/lab/server/certificate.ts';
import type { XmlElement } from '#test/lab/soap/xml.ts';

import { checkRequest } from './check-request.ts';
import { publishedSchema } from './published-schema.ts';

/** What happens to the next calls of an operation. */
export interface ProxyFault {
  readonly on: string;
  /** Calls to let through first. */
  readonly skip?: number;
  /** `drop`: the server never sees it; `lose-answer`: it does, and the client never hears. */
  readonly action: 'drop' | 'lose-answer' | 'not-authenticated' | 'task-in-progress';
}

/** Answers an operation that the server behind has not: the XML inside its response. */
export type ProxyAnswer = (call: XmlElement) => string;

export interface StrictProxyOptions {
  /** host:port of the server behind. */
  readonly to: string;
  readonly answers?: Readonly<Record<string, ProxyAnswer>>;
}

/**
 * Stands between a client and vcsim: refuses what a real vCenter would refuse to parse, answers what
 * vcsim cannot, and breaks connections on demand. Disposing throws when a request was wrong or a
 * fault was never hit.
 */
export interface StrictProxy extends AsyncDisposable {
  readonly calls: readonly string[];
  fault(fault: ProxyFault): void;
  endpoint(changes?: Partial<EndpointWithPassword>): EndpointWithPassword;
}

interface ArmedFault {
  readonly fault: ProxyFault;
  left: number;
}

export async function strictProxy(options: StrictProxyOptions): Promise<StrictProxy> {
  const schema = await publishedSchema();
  const certificate = makeCertificate();
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const faults: ArmedFault[] = [];
  const calls: string[] = [];
  const wrong: string[] = [];
  const behind = { agent, to: options.to };

  const server = createServer(
    { key: certificate.key, cert: certificate.cert },
    (request, response) => {
      handle(request, response).catch(() => response.destroy());
    },
  );
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    if (request.method !== 'POST' || request.url !== '/sdk')
      return forward(behind, { request, response, body });
    const version = /urn:vim25\/([\d.]+)/.exec(
      request.headers['soapaction']?.toString() ?? '',
    )?.[1];
    const { operation, problems, call } = checkRequest(schema, body.toString(), version ?? '1');
    calls.push(operation);
    if (problems.length > 0) {
      wrong.push(...problems.map((problem) => `${operation}: ${problem}`));
      return answerFault(response, 'InvalidRequest', problems.join('; '));
    }
    const fault = nextFault(faults, operation);
    if (fault === 'drop') return void response.destroy();
    if (fault === 'not-authenticated') return answerFault(response, 'NotAuthenticated', 'expired');
    if (fault === 'task-in-progress') return answerFault(response, 'TaskInProgress', 'busy');
    const answer = options.answers?.[operation];
    if (answer !== undefined) return answerWith(response, operation, answer(call));
    await forward(behind, { request, response, body, loseAnswer: fault === 'lose-answer' });
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    calls,
    fault: (fault) => void faults.push({ fault, left: fault.skip ?? 0 }),
    endpoint: (changes = {}) => ({
      id: 'vcsim',
      name: 'vcsim',
      address,
      user: 'user',
      password: new Secret('pass'),
      thumbprint: certificate.sha256,
      ...changes,
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      agent.destroy();
      const unused = faults.map(({ fault }) => `fault never hit: ${JSON.stringify(fault)}`);
      if (wrong.length + unused.length > 0) throw new Error([...wrong, ...unused].join('\n'));
    },
  };
}

function nextFault(faults: ArmedFault[], operation: string): ProxyFault['action'] | undefined {
  const armed = faults.find(({ fault }) => fault.on === operation);
  if (armed === undefined || armed.left-- > 0) return undefined;
  faults.splice(faults.indexOf(armed), 1);
  return armed.fault.action;
}

interface Forwarded {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly loseAnswer?: boolean;
}

async function forward(
  { agent, to }: { readonly agent: Agent; readonly to: string },
  { request, response, body, loseAnswer = false }: Forwarded,
): Promise<void> {
  const { host: _, connection: _c, 'transfer-encoding': _t, ...headers } = request.headers;
  const onward = startRequest(`https://${to}${request.url ?? '/'}`, {
    agent,
    method: request.method,
    headers: { ...headers, 'content-length': body.length },
  });
  const answered = once(onward, 'response') as Promise<[IncomingMessage]>;
  onward.end(body);
  const [answer] = await answered;
  const data = await buffer(answer);
  if (loseAnswer) return void response.destroy();
  const { 'transfer-encoding': _e, connection: _k, ...answerHeaders } = answer.headers;
  response.writeHead(answer.statusCode ?? 502, { ...answerHeaders, 'content-length': data.length });
  response.end(data);
}

function answerWith(response: ServerResponse, operation: string, inner: string): void {
  response.setHeader('content-type', 'text/xml');
  response.end(envelope(`<${operation}Response xmlns="urn:vim25">${inner}</${operation}Response>`));
}

function answerFault(response: ServerResponse, type: string, message: string): void {
  response.writeHead(500, { 'content-type': 'text/xml' });
  response.end(
    envelope(
      `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${message}</faultstring><detail><${type}Fault xmlns="urn:vim25" xsi:type="${type}"/></detail></soapenv:Fault>`,
    ),
  );
}

function envelope(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
}
