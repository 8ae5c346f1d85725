import { ColdframeError } from '#core/error.ts';

import type { ReplyFields } from './addon.ts';

/** Typed access to a worker's reply; the wrong kind means that worker and addon do not belong together. */
export function numberField(fields: ReplyFields, name: string): number {
  const value = fields[name];
  return typeof value === 'number' ? value : mismatch(name);
}

export function textField(fields: ReplyFields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : mismatch(name);
}

export function listField(fields: ReplyFields, name: string): readonly string[] {
  const value = fields[name];
  return Array.isArray(value) ? (value as readonly string[]) : mismatch(name);
}

export function bytesField(fields: ReplyFields, name: string): Buffer {
  const value = fields[name];
  return Buffer.isBuffer(value) ? value : mismatch(name);
}

function mismatch(name: string): never {
  throw new ColdframeError(
    'internal',
    `The disk worker's reply has no proper '${name}'. Build the native parts again: npm run build:native.`,
  );
}
