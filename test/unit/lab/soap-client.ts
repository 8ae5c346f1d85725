import { request } from 'node:https';
import type { Lab } from '#test/lab/lab.ts';
import type { XmlElement } from '#test/lab/soap/xml.ts';
import { parseXml } from '#test/lab/soap/xml.ts';

/** A SOAP fault as the lab sent it. */
export class SoapFault extends Error {
  readonly type: string;
  readonly detail: XmlElement;

  constructor(type: string, message: string, detail: XmlElement) {
    super(message);
    this.type = type;
    this.detail = detail;
  }
}

/** The plainest client: bodies written by hand, answers as XML trees. */
export class SoapClient {
  readonly #lab: Pick<Lab, 'url' | 'user' | 'password'>;
  cookie: string | undefined;

  constructor(lab: Pick<Lab, 'url' | 'user' | 'password'>) {
    this.#lab = lab;
  }

  static async login(lab: Pick<Lab, 'url' | 'user' | 'password'>): Promise<SoapClient> {
    const client = new SoapClient(lab);
    await client.call(
      'Login',
      `<_this type="SessionManager">SessionManager</_this><userName>${lab.user}</userName><password>${lab.password}</password>`,
    );
    return client;
  }

  /** Sends `<operation>inner</operation>`; returns the response element. */
  async call(operation: string, inner: string): Promise<XmlElement> {
    const body = `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soapenv:Body><${operation} xmlns="urn:vim25">${inner}</${operation}></soapenv:Body></soapenv:Envelope>`;
    const { status, text } = await this.post(body);
    if (status === 503) throw new Error('503');
    const soapBody = child(parseXml(text), 'Body');
    const answer = soapBody.children[0]!;
    if (status === 200) return answer;
    const detail = child(answer, 'detail').children[0]!;
    throw new SoapFault(detail.xsiType ?? '', child(answer, 'faultstring').text, detail);
  }

  /** Sends a body as it is. */
  async post(body: string): Promise<{ status: number; text: string }> {
    const url = new URL(this.#lab.url);
    return await new Promise((resolve, reject) => {
      const headers = {
        'Content-Type': 'text/xml',
        SOAPAction: '"urn:vim25/7.0"',
        ...(this.cookie === undefined ? {} : { Cookie: this.cookie }),
      };
      const options = { method: 'POST', headers, rejectUnauthorized: false };
      const sent = request(url, options, (response) => {
        const cookie = response.headers['set-cookie']?.[0];
        if (cookie !== undefined) this.cookie = cookie.split(';')[0]!;
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Properties of one object, by path. */
  async properties(object: string, paths: readonly string[]): Promise<Map<string, XmlElement>> {
    const [type, value] = object.split(/:(.*)/s) as [string, string];
    const answer = await this.call(
      'RetrievePropertiesEx',
      `<_this type="PropertyCollector">propertyCollector</_this><specSet><propSet><type>${type}</type>${paths
        .map((path) => `<pathSet>${path}</pathSet>`)
        .join(
          '',
        )}</propSet><objectSet><obj type="${type}">${value}</obj></objectSet></specSet><options/>`,
    );
    const objects = answer.children[0]?.children.find((each) => each.name === 'objects');
    const sets = objects?.children.filter((each) => each.name === 'propSet') ?? [];
    return new Map(sets.map((set) => [child(set, 'name').text, child(set, 'val')]));
  }

  /** Starts a vim task and waits for its end; the result's text, or the fault thrown. */
  async task(operation: string, inner: string): Promise<string> {
    const task = child(await this.call(operation, inner), 'returnval').text;
    return await this.taskEnd(task);
  }

  async taskEnd(task: string): Promise<string> {
    for (;;) {
      const info = (await this.properties(`Task:${task}`, ['info'])).get('info')!;
      const state = child(info, 'state').text;
      if (state === 'success')
        return info.children.find((each) => each.name === 'result')?.text ?? '';
      if (state === 'error') {
        const error = child(info, 'error');
        const fault = child(error, 'fault');
        throw new SoapFault(fault.xsiType ?? '', child(error, 'localizedMessage').text, fault);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

export function child(element: XmlElement, name: string): XmlElement {
  const found = element.children.find((each) => each.name === name);
  if (found === undefined) throw new Error(`<${element.name}> has no <${name}>`);
  return found;
}

/** Text below, by a path of element names. */
export function textAt(element: XmlElement, ...path: readonly string[]): string | undefined {
  let at: XmlElement | undefined = element;
  for (const name of path) at = at?.children.find((each) => each.name === name);
  return at?.text;
}
