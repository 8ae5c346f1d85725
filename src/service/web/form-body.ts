import type { IncomingMessage } from 'node:http';

import type { z } from 'zod';

import { ColdframeError } from '#core/error.ts';

const mostBytes = 64 * 1024;

/** Fields of a posted form. */
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

/** Makes of a form's values what an operation takes; what it cannot be is the reader's to mend. */
export function fromForm<T>(schema: z.ZodType<T>, values: unknown): T {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new ColdframeError(
    'invalid-input',
    `The field "${issue.path.join(' ')}" is not right: ${issue.message}. Go back and change it.`,
    { cause: parsed.error },
  );
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

  /** Every value of a repeated name: of checkboxes. */
  all(name: string): readonly string[] {
    return this.#fields.getAll(name);
  }

  /** Trimmed lines that are not empty. */
  lines(name: string): readonly string[] {
    return this.raw(name)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  }

  entries(): readonly (readonly [string, string])[] {
    return [...this.#fields];
  }

  ticked(name: string): boolean {
    return this.#fields.has(name);
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
}
