import type { NfsShare } from './nfs.ts';

/**
 * What the appliance's privileged helper does for the service and the console, and nothing else. A request is
 * one line of JSON on its socket, `{"verb": …, "input": …}`; so is the answer, `{"answer": …}` or `{"error": …}`.
 */
export interface HelperVerbs {
  /** Mounts an export, if it is not mounted yet. */
  readonly 'mount-nfs': {
    readonly input: { readonly mountPoint: string; readonly share: NfsShare };
    readonly answer: { readonly mounted: true; readonly already: boolean };
  };
  /** Also when the server is dead. */
  readonly 'unmount-nfs': {
    readonly input: { readonly mountPoint: string };
    readonly answer: { readonly mounted: false };
  };
  /** Nobody can change, rename or delete the file (ext4, XFS) until then. Only ever prolonged. */
  readonly protect: {
    readonly input: { readonly path: string; readonly untilMs: number };
    readonly answer: { readonly untilMs: number };
  };
  /** Refused with 'not-eligible' before its time. */
  readonly unprotect: {
    readonly input: { readonly path: string };
    readonly answer: { readonly wasProtected: boolean };
  };
  readonly 'set-network': {
    readonly input: NetworkSettings;
    readonly answer: { readonly applied: true };
  };
  readonly 'set-time-servers': {
    /** Empty: what DHCP names, else Debian's pool. */
    readonly input: { readonly servers: readonly string[] };
    readonly answer: { readonly applied: true };
  };
  readonly power: {
    readonly input: { readonly action: 'restart' | 'off' | 'restart-service' };
    readonly answer: { readonly applied: true };
  };
}

export interface NetworkSettings {
  readonly hostname?: string;
  /** Absent: DHCP. */
  readonly fixed?: { readonly address: string; readonly gateway?: string };
  readonly dns: readonly string[];
  readonly search: readonly string[];
}

export type HelperVerb = keyof HelperVerbs;
export type HelperInput<V extends HelperVerb> = HelperVerbs[V]['input'];
export type HelperAnswer<V extends HelperVerb> = HelperVerbs[V]['answer'];
