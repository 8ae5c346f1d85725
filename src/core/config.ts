import type { Schedule } from './job.ts';
import type { NfsShare } from './nfs.ts';
import type { Secret } from './secret.ts';

/** Saved settings of the things coldframe works with; secrets are kept apart, encrypted. */

/** A vCenter Server or ESXi host that we log in to. */
export interface Endpoint {
  readonly id: string;
  readonly name: string;
  /** Host name or address, optionally with :port. */
  readonly address: string;
  readonly user: string;
  /** SHA-256 that the administrator confirmed, upper-case colon hex; absent = certificate authority and host name. */
  readonly thumbprint?: string;
  /** about.instanceUuid at the first connection; a different one later stops and asks. */
  readonly instanceUuid?: string;
}

export interface EndpointWithPassword extends Endpoint {
  readonly password: Secret;
}

/** A private key that opens encrypted archives, known by its public key. */
export interface ArchiveKey {
  readonly recipient: string;
  readonly name: string;
  readonly addedAtMs: number;
}

export interface UnlockedArchiveKey extends ArchiveKey {
  readonly identity: Secret;
}

export interface RepositoryConfig {
  readonly id: string;
  readonly name: string;
  /** Absolute path of the folder. */
  readonly root: string;
  /** The export that the appliance mounts at `root`; absent = the folder is there by itself. */
  readonly nfs?: NfsShare;
  /** For so many days from their making nobody can change or delete new archives; absent = they are not protected. */
  readonly protectDays?: number;
  readonly addedAtMs: number;
  /** Public keys of age that new archives are encrypted to; absent = they are not. */
  readonly encryptTo?: readonly string[];
  /** Keep a file SHA256SUMS beside the archives of each VM. */
  readonly sums?: true;
  /** When archives are read again and proven; absent: only when asked to. */
  readonly verification?: VerificationPlan;
}

export interface VerificationPlan {
  readonly schedule: Schedule;
  /** Hours after which nothing new is begun. */
  readonly hours: number;
  /** Days after which a proof is old. */
  readonly againAfterDays: number;
}
