import { z } from 'zod';

import { ColdframeError, type ErrorRecord } from '#core/error.ts';
import { Secret } from '#core/secret.ts';

/** What the process that opens a restore point is told, over Node's IPC channel. */
export interface OpenOrder {
  /** Archives of the restore point, in any order. */
  readonly archives: readonly string[];
  /** For encrypted ones. */
  readonly identities: readonly Secret[];
}

/** What it answers: where it listens, or why it does not. */
export type OpenAnswer =
  | { readonly type: 'ready'; readonly socket: string }
  | { readonly type: 'failed'; readonly error: ErrorRecord };

const order = z.strictObject({
  archives: z.array(z.string().startsWith('/')).min(1),
  identities: z.array(z.string().transform((value) => new Secret(value))),
});

const answer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready'), socket: z.string().startsWith('/') }),
  z.strictObject({
    type: z.literal('failed'),
    error: z.looseObject({ code: z.string(), message: z.string() }),
  }),
]);

/** A Secret would lose its value on the way. */
export function packOrder({ archives, identities }: OpenOrder): object {
  return { archives: [...archives], identities: identities.map((each) => each.reveal()) };
}

export function unpackOrder(message: unknown): OpenOrder {
  const parsed = order.safeParse(message);
  if (parsed.success) return parsed.data;
  throw new ColdframeError(
    'internal',
    'The file browser was given an order that it does not know.',
  );
}

/** undefined for anything that is no answer of ours. */
export function unpackAnswer(message: unknown): OpenAnswer | undefined {
  const parsed = answer.safeParse(message);
  return parsed.success ? (parsed.data as unknown as OpenAnswer) : undefined;
}
