import type { z } from 'zod';

import { ColdframeError } from '#core/error.ts';

import type { Change, Store } from './store.ts';

export interface KeyRange {
  readonly gte?: string;
  readonly gt?: string;
  readonly lt?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

/** A named set of JSON values under string keys, each checked against `schema` when read. */
export interface Table<T> {
  readonly name: string;
  get(key: string): Promise<T | undefined>;
  /** In key order, or against it. */
  values(range?: KeyRange): Promise<T[]>;
  keys(range?: KeyRange): Promise<string[]>;
  set(key: string, value: T): Change;
  remove(key: string): Change;
}

export function openTable<T>(store: Store, name: string, schema: z.ZodType<T>): Table<T> {
  const sublevel = store.sublevel(name);
  const parse = (key: string, text: string): T => {
    const result = schema.safeParse(parseJson(text));
    if (result.success) return result.data;
    throw new ColdframeError(
      'internal',
      `The catalog's entry ${name}/${key} is not readable. Move the folder "catalog" away, start again, and rebuild it from the repositories.`,
      { cause: result.error },
    );
  };
  return {
    name,
    async get(key) {
      const text = await sublevel.get(key);
      return text === undefined ? undefined : parse(key, text);
    },
    async values(range = {}) {
      const rows = await sublevel.iterator(range).all();
      return rows.map(([key, text]) => parse(key, text));
    },
    keys: (range = {}) => sublevel.keys(range).all(),
    set: (key, value) => ({ table: name, key, value }),
    remove: (key) => ({ table: name, key, value: undefined }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
