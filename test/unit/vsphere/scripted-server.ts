import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Secret } from '#core/secret.ts';
import type { EndpointWithPassword } from '#core/config.ts';
import { makeCertificate, type Certificate } from '#test/lab/server/certificate.ts';

/** Answers one operation: the inner XML of its response, or a whole HTTP answer. */
export type Script = (body: string) => string | { readonly status: number; readonly text: string };

export interface ScriptedServer extends AsyncDisposable {
  readonly address: string;
  readonly certificate: Certificate;
  /** Names of the operations called, in order. */
  readonly calls: readonly string[];
  readonly requests: readonly {
    readonly operation: string;
    readonly headers: NodeJS.Dict<string | string[]>;
  }[];
  /** Decrypted bytes of clients that arrived. */
  bytesReceived(): number;
  endpoint(changes?: Partial<EndpointWithPassword>): EndpointWithPassword;
}

/** What RetrieveServiceContent answers; a host has no instanceUuid. */
export function serviceContent(apiType: 'VirtualCenter' | 'HostAgent'): string {
  const uuid = apiType === 'HostAgent' ? '' : '<instanceUuid>uuid-1</instanceUuid>';
  const about = `<about><name>s</name><fullName>Scripted</fullName><vendor>v</vendor><version>7</version><build>1</build><osType>l</osType><productLineId>vpx</productLineId><apiType>${apiType}</apiType><apiVersion>7.0</apiVersion>${uuid}</about>`;
  return `<returnval><rootFolder type="Folder">group-d1</rootFolder><propertyCollector type="PropertyCollector">pc</propertyCollector>${about}<sessionManager type="SessionManager">sm</sessionManager><taskManager type="TaskManager">tm</taskManager><searchIndex type="SearchIndex">si</searchIndex><viewManager type="ViewManager">vwm</viewManager></returnval>`;
}

const defaults: Readonly<Record<string, Script>> = {
  RetrieveServiceContent: () => serviceContent('VirtualCenter'),
  Login: () => '<returnval><key>k-1</key><userName>u</userName></returnval>',
  Logout: () => '',
};

/** An HTTPS server that says what a test wants a vCenter to say, right or wrong. */
export async function scriptedServer(
  scripts: Readonly<Record<string, Script>> = {},
): Promise<ScriptedServer> {
  const certificate = makeCertificate();
  const requests: { operation: string; headers: NodeJS.Dict<string | string[]> }[] = [];
  let bytes = 0;
  const server: Server = createServer(
    { key: certificate.key, cert: certificate.cert },
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const operation = /<soap:Body><(\w+)/.exec(body)?.[1] ?? `${request.method} ${request.url}`;
        requests.push({ operation, headers: request.headers });
        const script = scripts[operation] ?? defaults[operation];
        const answer = script?.(body) ?? { status: 404, text: 'nothing here' };
        if (operation === 'Login')
          response.setHeader(
            'Set-Cookie',
            'vmware_soap_session="abc/def=="; Path=/; HttpOnly; Secure',
          );
        if (typeof answer === 'string')
          return response.end(
            envelope(`<${operation}Response xmlns="urn:vim25">${answer}</${operation}Response>`),
          );
        response.statusCode = answer.status;
        return response.end(answer.text);
      });
    },
  );
  server.on('secureConnection', (socket) =>
    socket.on('data', (data: Buffer) => (bytes += data.length)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    certificate,
    requests,
    get calls() {
      return requests.map(({ operation }) => operation);
    },
    bytesReceived: () => bytes,
    endpoint: (changes = {}) => ({
      id: 'scripted',
      name: 'scripted',
      address,
      user: 'backup@vsphere.local',
      password: new Secret('pass-<word>&1'),
      thumbprint: certificate.sha256,
      ...changes,
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function envelope(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
}

export function soapFault(
  type: string,
  message: string,
  parts = '',
): { status: number; text: string } {
  return {
    status: 500,
    text: envelope(
      `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${message}</faultstring><detail><${type}Fault xmlns="urn:vim25" xsi:type="${type}">${parts}</${type}Fault></detail></soapenv:Fault>`,
    ),
  };
}
