import type { ControllerKind, DiskBackingKind, DiskMode, VmIdentity } from './vm.ts';

/** The archive format's version; readers refuse a greater one. */
export const formatVersion = 1;

export const defaultChunkBytes = 1024 * 1024;

export type RestorePointKind = 'full' | 'incremental' | 'synthetic';

/** How consistent the guest's data are, as achieved and not as wished. */
export type Consistency = 'application' | 'file-system' | 'crash' | 'powered-off';

export type TransportName = 'hotadd' | 'san' | 'nbdssl' | 'nbd' | 'lease' | 'file';

export type Compression = 'zstd' | 'none';

/** What an archive says of one disk; a JSON object in restore-point.json. */
export interface ArchivedDisk {
  readonly key: number;
  /** File-safe and unique in the archive: names disks/<label>.raw. */
  readonly label: string;
  readonly deviceLabel: string;
  readonly capacityBytes: number;
  readonly uuid: string;
  readonly backing: {
    readonly kind: DiskBackingKind;
    readonly fileName: string;
    readonly mode: DiskMode;
    readonly thin: boolean;
    readonly eagerlyScrub: boolean;
  };
  readonly controller: {
    readonly kind: ControllerKind;
    readonly key: number;
    readonly bus: number;
    readonly unit: number;
  };
  /** CBT position of the snapshot that was read; null when untracked. */
  readonly changeId: string | null;
  readonly mode: 'full' | 'incremental';
  /** Why full or incremental, for people. */
  readonly modeReason: string;
  readonly transport: TransportName;
  readonly transportReason: string;
}

/** A disk of the VM that the archive does not hold, and why. */
export interface SkippedDisk {
  readonly key: number;
  readonly deviceLabel: string;
  readonly reason: string;
}

/** restore-point.json: everything known before the first disk byte is read. */
export interface RestorePointHeader {
  readonly formatVersion: typeof formatVersion;
  readonly id: string;
  readonly kind: RestorePointKind;
  /** When the snapshot was taken. */
  readonly createdAtMs: number;
  readonly applianceId: string;
  readonly jobName: string | null;
  readonly runId: string;
  readonly taskId: string;
  readonly vm: VmIdentity;
  readonly consistency: Consistency;
  /** The restore point that unmapped blocks are looked up in; `seal` is the digest of its manifest.json. */
  readonly parent: { readonly id: string; readonly seal: string } | null;
  /**
   * Of a synthetic full: the restore point whose disks it holds, byte for byte. It stands in for
   * that one as a parent, so that what was built on it can be restored without it.
   */
  readonly replaces?: { readonly restorePointId: string; readonly restorePointSeal: string };
  /** Of a synthetic full: when the snapshot was taken of which the chain's disks were last read whole. */
  readonly activeFullAtMs?: number;
  readonly digestAlgorithm: 'blake3-256';
  readonly chunkBytes: number;
  readonly compression: Compression;
  readonly disks: readonly ArchivedDisk[];
  readonly skippedDisks: readonly SkippedDisk[];
  readonly warnings: readonly string[];
}

/** Figures of one disk, known when it has been written. */
export interface ArchivedDiskCounts {
  readonly label: string;
  /** Bytes that the extents map. */
  readonly mappedBytes: number;
  readonly zeroBytes: number;
  readonly chunks: number;
}

/** manifest.json: the seal, the last member. An archive without it is unfinished. */
export interface Manifest {
  readonly formatVersion: typeof formatVersion;
  readonly id: string;
  readonly finishedAtMs: number;
  readonly members: readonly ManifestMember[];
  readonly disks: readonly ArchivedDiskCounts[];
  /** Of the bytes without this key, which is the last one. */
  readonly signature?: ManifestSignature;
}

export interface ManifestSignature {
  readonly algorithm: 'ed25519';
  /** First 16 hex digits of the SHA-256 of the public key in DER. */
  readonly keyId: string;
  /** Base64. */
  readonly value: string;
}

export interface ManifestMember {
  readonly name: string;
  /** Offset of the member's first header block in the (uncompressed) tar stream. */
  readonly headerOffset: number;
  /** Offset of its first data byte in the tar stream; for a sparse member, of its first mapped byte. */
  readonly dataOffset: number;
  /** Bytes of data from dataOffset on. */
  readonly dataBytes: number;
  /** BLAKE3-256 in hex: of the data, and for disks/<label>.raw of the bytes of disks/<label>.chunks. */
  readonly digest: string;
}

/** What the catalog and lists know of one committed archive. */
export interface RestorePoint {
  readonly header: RestorePointHeader;
  readonly repositoryId: string;
  /** Path below the repository root. */
  readonly path: string;
  readonly archiveBytes: number;
  readonly finishedAtMs: number;
  /** Hex BLAKE3-256 of manifest.json. */
  readonly seal: string;
  readonly disks: readonly ArchivedDiskCounts[];
}

/** What an overview needs of a restore point. */
export interface RestorePointTime {
  readonly id: string;
  readonly createdAtMs: number;
}
