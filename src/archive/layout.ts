/** Names, sizes and limits of format version 1; docs/archive-format.md is the specification. */

export const blockBytes = 512;
/** Disk data of an uncompressed archive begin on this boundary. */
export const dataAlignment = 4096;
/** Two zero blocks. */
export const trailerBytes = 2 * blockBytes;

export const headerName = 'restore-point.json';
export const readmeName = 'RESTORE.txt';
export const scriptName = 'restore.sh';
export const manifestName = 'manifest.json';
/** Digest of the manifest as `b3sum -c` takes it, in a member of two blocks just before it. */
export const sealSumName = 'manifest.blake3';

export function sealSumText(seal: string): string {
  return `${seal}  ${manifestName}\n`;
}

/** Shared frames (headers, small members, tables) hold at most this many bytes. */
export const sharedFrameBytes = 1024 * 1024;
/** No frame decodes to more; readers refuse a larger one before they allocate. */
export const maxFrameBytes = 64 * 1024 * 1024;
/** A chunk lies in one frame. */
export const maxChunkBytes = 32 * 1024 * 1024;
/** restore-point.json, manifest.json and what is below vm/. */
export const maxSmallMemberBytes = 64 * 1024 * 1024;
/** A pax extended header; ours stay below 8 KiB. */
export const maxPaxBytes = 64 * 1024;
/** VMFS and VMDK end at 62 TiB. */
export const maxCapacityBytes = 64 * 1024 ** 4;

export const labelPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const extraNamePattern = /^vm\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function diskMembers(label: string): {
  readonly metadata: string;
  readonly raw: string;
  readonly chunks: string;
} {
  return {
    metadata: `disks/${label}.metadata.json`,
    raw: `disks/${label}.raw`,
    chunks: `disks/${label}.chunks`,
  };
}

/** Name that a tar without sparse support sees, as GNU tar chooses it. */
export function sparseAlias(label: string): string {
  return `disks/GNUSparseFile.0/${label}.raw`;
}

export function padToBlock(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}
