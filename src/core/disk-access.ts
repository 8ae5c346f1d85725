import type { Secret } from './secret.ts';
import type { TransportName } from './restore-point.ts';

/** How the disk worker gets at one disk. Decided by the engine's transport plan, carried out by the mover. */
export type DiskAccess = VddkAccess | BlockAccess;

/** Through the administrator's VDDK: VixDiskLib_ConnectEx, then Open. */
export interface VddkAccess {
  readonly kind: 'vddk';
  /** Distribution root, the folder that holds lib64/. */
  readonly libDir: string;
  readonly server: string;
  readonly port: number;
  /** SHA-1, colon-separated upper-case hex, as VixDiskLib wants it. */
  readonly thumbprint: string;
  readonly user: string;
  readonly password: Secret;
  readonly vmMoref: string;
  /** Absent for writing to a VM without snapshots. */
  readonly snapshotMoref?: string;
  /** "[datastore] folder/name.vmdk". */
  readonly path: string;
  /** Tried in order by VixDiskLib_Open. */
  readonly transports: readonly Exclude<TransportName, 'lease'>[];
  /** Ask vSphere not to migrate the VM meanwhile (PrepareForAccess), in this name; at most 50 characters. */
  readonly accessIdentity?: string;
}

/** A block device that built-in HotAdd attached, or a plain file (tools, tests). */
export interface BlockAccess {
  readonly kind: 'block';
  readonly path: string;
  readonly transport: 'hotadd' | 'file';
  /** Checked after opening. */
  readonly capacityBytes: number;
}
