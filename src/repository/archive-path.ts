import { ColdframeError } from '#core/error.ts';
import type { Compression, RestorePointKind } from '#core/restore-point.ts';

export interface ArchivePathParts {
  readonly vmName: string;
  readonly vmInstanceUuid: string;
  readonly createdAtMs: number;
  readonly kind: RestorePointKind;
  readonly id: string;
  readonly compression: Compression;
  /** Default false. */
  readonly encrypted?: boolean;
}

export const partialSuffix = '.partial';
export const encryptedSuffix = '.age';

const kindWords = { full: 'full', incremental: 'incr', synthetic: 'synth' } as const;
const vmFolderPattern = /^[A-Za-z0-9.-]{1,48}_[a-z0-9-]{1,64}$/;
const fileNamePattern =
  /^[0-9]{8}T[0-9]{6}Z_(?:full|incr|synth)_[a-z0-9-]{1,64}\.tar(?:\.zst)?(?:\.age)?$/;

/** "app-01_5021.../20260102T030405Z_full_<id>.tar.zst"; safe whatever the VM is called. */
export function archivePath(parts: ArchivePathParts): string {
  const uuid = folderUuid(parts.vmInstanceUuid);
  const id = parts.id.toLowerCase();
  const time = new Date(parts.createdAtMs).toISOString().replaceAll(/[-:]|\.[0-9]{3}/g, '');
  const packed = parts.compression === 'zstd' ? '.tar.zst' : '.tar';
  const suffix = parts.encrypted === true ? packed + encryptedSuffix : packed;
  const built = `${slug(parts.vmName)}_${uuid}/${time}_${kindWords[parts.kind]}_${id}${suffix}`;
  if (!isArchivePath(built))
    throw new ColdframeError(
      'internal',
      `No archive path can be made for ${JSON.stringify(parts)}.`,
    );
  return built;
}

/** Whether archives of this VM may lie in a folder of this name; a renamed VM has several. */
export function isFolderOfVm(folder: string, vmInstanceUuid: string): boolean {
  return isVmFolder(folder) && folder.endsWith(`_${folderUuid(vmInstanceUuid)}`);
}

function folderUuid(vmInstanceUuid: string): string {
  return vmInstanceUuid
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '')
    .slice(0, 64);
}

/** Letters, digits, dots and hyphens of the name; never hidden, never "..". */
export function slug(vmName: string): string {
  const plain = vmName
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9.]+/g, '-')
    .replaceAll(/\.{2,}/g, '.')
    .slice(0, 48)
    .replaceAll(/^[.-]+|[.-]+$/g, '');
  return plain === '' ? 'vm' : plain;
}

export function isArchivePath(relative: string): boolean {
  const [folder, file, ...more] = relative.split('/');
  if (folder === undefined || file === undefined || more.length > 0) return false;
  return isVmFolder(folder) && isArchiveFile(file);
}

export function isVmFolder(name: string): boolean {
  return vmFolderPattern.test(name) && !name.startsWith('.');
}

export function isArchiveFile(name: string): boolean {
  return fileNamePattern.test(name);
}

/** The path's two parts; throws 'invalid-input' for anything that is not an archive's path. */
export function splitArchivePath(relative: string): { folder: string; file: string } {
  if (!isArchivePath(relative))
    throw new ColdframeError(
      'invalid-input',
      `${JSON.stringify(relative)} is not the path of an archive in a repository (<vm>_<uuid>/<time>_<kind>_<id>.tar).`,
    );
  const [folder, file] = relative.split('/') as [string, string];
  return { folder, file };
}
