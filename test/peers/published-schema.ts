import { fileURLToPath } from 'node:url';

import { runPeer } from './peer.ts';

/** The API as pyVmomi publishes it; see python/published_schema.py. */
export interface PublishedSchema {
  readonly types: Readonly<Record<string, PublishedType>>;
  readonly operations: Readonly<Record<string, PublishedOperation>>;
}

export interface PublishedType {
  readonly base: string;
  readonly fields: readonly PublishedField[];
}

export interface PublishedOperation {
  /** Without `_this`. */
  readonly parameters: readonly PublishedField[];
  readonly answer?: PublishedField;
}

export interface PublishedField {
  readonly name: string;
  readonly type: string;
  readonly repeats: boolean;
  readonly optional: boolean;
  /** API version; absent = the first. */
  readonly since?: string;
}

export async function publishedSchema(): Promise<PublishedSchema> {
  const script = fileURLToPath(new URL('python/published_schema.py', import.meta.url));
  const { code, stdout, stderr } = await runPeer('venv/bin/python3', { args: [script] });
  if (code !== 0) throw new Error(`the published schema could not be read: ${stderr}`);
  return JSON.parse(stdout) as PublishedSchema;
}
