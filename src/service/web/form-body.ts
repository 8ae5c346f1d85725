import type { IncomingMessage } from 'node:http';

import { ColdframeError } from '#core/error.ts';

const mostBytes = 64 * 1024;

/** Fields of a posted form. Repeated names keep the first value. */
export async function readForm(request: IncomingMessage): Promise<Form> {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded'))
    throw new ColdframeError('invalid-input', 'This address takes posted forms only.');
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > mostBytes) throw new ColdframeError('invalid-input', 'The form is too large.');
    parts.push(part as Buffer);
  }
  return new Form(new URLSearchParams(Buffer.concat(parts).toString('utf8')));
}

export class Form {
  readonly #fields: URLSearchParams;

  constructor(fields: URLSearchParams) {
    this.#fields = fields;
  }

  /** Trimmed; '' when it is missing. */
  text(name: string): string {
    return this.raw(name).trim();
  }

  /** As typed: for passwords. */
  raw(name: string): string {
    return this.#fields.get(name) ?? '';
  }

  /** Trimmed and not empty. */
  required(name: string, label: string): string {
    const value = this.text(name);
    if (value === '') throw new ColdframeError('invalid-input', `${label} is missing. Fill it in.`);
    return value;
  }

  count(name: string, label: string): number {
    const value = Number(this.text(name) === '' ? '0' : this.text(name));
    if (!Number.isInteger(value) || value < 0 || value > 1000)
      throw new ColdframeError('invalid-input', `${label} must be a whole number from 0 to 1000.`);
    return value;
  }
}
