import type { Manifest, RestorePoint, RestorePointHeader } from '#core/restore-point.ts';

import { damaged } from './damage.ts';
import { headerName } from './layout.ts';
import type { Digester } from './ports.ts';
import { parseHeader, parseManifest, toJsonBytes } from './schema.ts';

/** What lists show of an archive; see docs/archive-format.md, "Encryption". */
export type ArchiveFacts = Pick<
  RestorePoint,
  'header' | 'seal' | 'archiveBytes' | 'finishedAtMs' | 'disks'
>;

export interface FactsToWrite {
  readonly header: RestorePointHeader;
  readonly manifest: Manifest;
  /** Bytes on the disk. */
  readonly archiveBytes: number;
}

export function encodeFacts({ header, manifest, archiveBytes }: FactsToWrite): Buffer {
  return toJsonBytes({ archiveBytes, restorePoint: header, manifest });
}

/**
 * Throws 'archive-damaged' when the parts do not belong together: the header must have the digest
 * that the manifest gives it. The seal is the manifest's own digest.
 */
export function decodeFacts(bytes: Uint8Array, file: string, digester: Digester): ArchiveFacts {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw damaged(file, 'it is not JSON', cause);
  }
  const { archiveBytes, restorePoint, manifest } = partsOf(value, file);
  const manifestBytes = toJsonBytes(manifest);
  const headerBytes = toJsonBytes(restorePoint);
  const parsed = parseManifest(manifestBytes, file);
  const header = parseHeader(headerBytes, file);
  const promised = parsed.members.find(({ name }) => name === headerName)?.digest;
  if (promised !== digester.digest(headerBytes).toString('hex') || header.id !== parsed.id)
    throw damaged(file, 'its description of the restore point is not that of its manifest');
  const { finishedAtMs, disks } = parsed;
  const seal = digester.digest(manifestBytes).toString('hex');
  return { header, seal, archiveBytes, finishedAtMs, disks };
}

function partsOf(value: unknown, file: string) {
  const isObject = typeof value === 'object' && value !== null;
  if (!isObject || !('archiveBytes' in value && 'restorePoint' in value && 'manifest' in value))
    throw damaged(file, 'it lacks a part');
  const { archiveBytes, restorePoint, manifest } = value;
  if (typeof archiveBytes !== 'number' || !Number.isSafeInteger(archiveBytes))
    throw damaged(file, 'it gives no size');
  return { archiveBytes, restorePoint, manifest };
}
