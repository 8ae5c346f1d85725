import { z } from 'zod';

import type { Page } from '../ports.ts';

interface Placed {
  readonly createdAtMs: number;
  readonly id: string;
}

/** `?limit=&after=`: the cursor is opaque to callers. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z
    .string()
    .regex(/^\d{1,15}-[\w-]+$/, 'is not a cursor that a list gave')
    .optional(),
});

export function pageOf({ limit, after }: z.infer<typeof pageQuery>): Page {
  if (after === undefined) return { limit };
  const dash = after.indexOf('-');
  return { limit, after: { createdAtMs: Number(after.slice(0, dash)), id: after.slice(dash + 1) } };
}

/** Empty when the list ended before the limit. */
export function nextOf(items: readonly Placed[], limit: number): { readonly next?: string } {
  const last = items.at(-1);
  return last === undefined || items.length < limit
    ? {}
    : { next: `${last.createdAtMs}-${last.id}` };
}
