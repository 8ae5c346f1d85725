import { isIP, isIPv4 } from 'node:net';
import { shortestPassword } from '#service/auth/password.ts';
import type { PropertyKey } from '../ovf/properties.ts';
import type { OvfEnvironment } from './ovf-environment.ts';

export interface StaticAddress {
  /** With prefix length. */
  readonly address: string;
  readonly gateway?: string;
}

/** Checked settings; an absent field means that the property was empty or wrong. */
export interface FirstBootSettings {
  readonly hostname?: string;
  readonly network: {
    /** Absent: DHCP. */
    readonly fixed?: StaticAddress;
    readonly mac?: string;
    readonly dns: readonly string[];
    readonly search: readonly string[];
  };
  readonly ntp: readonly string[];
  readonly sshKey?: string;
  readonly adminPassword?: string;
  readonly adminPasswordHash?: string;
  readonly endpoint?: string;
  readonly nfs?: { readonly target: string; readonly options: string };
}

export interface CheckedSettings {
  readonly settings: FirstBootSettings;
  /** Sentences about properties that were left out because they are wrong. */
  readonly problems: readonly string[];
}

const hostnamePattern =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const sshKeyPattern =
  /^(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]{40,}={0,2}(?: [\x20-\x7e]*)?$/;
const hashPattern = /^scrypt\$\d+\$\d+\$\d+\$[\w-]+\$[\w-]{43}$/;

/**
 * Checks each property by itself: a wrong one is left out and named, so that a
 * typing error in one field does not leave an appliance that nobody can reach.
 */
export function checkSettings(environment: OvfEnvironment): CheckedSettings {
  const problems: string[] = [];
  const read = (key: PropertyKey): string | undefined =>
    environment.properties.get(key)?.trim() || undefined;
  const checked = (
    key: PropertyKey,
    valid: (value: string) => boolean,
    wanted: string,
  ): string | undefined => {
    const value = read(key);
    if (value === undefined || valid(value)) return value;
    problems.push(`Property ${key} is left out: ${wanted}.`);
    return undefined;
  };
  const list = (
    key: PropertyKey,
    valid: (value: string) => boolean,
    wanted: string,
  ): readonly string[] =>
    checked(key, (value) => split(value).every(valid), wanted)?.split(separators) ?? [];

  const isHost = (value: string) => hostnamePattern.test(value) || isIP(value) !== 0;
  const address = checked('ip0', isCidr, 'it must be like 192.0.2.10/24');
  const gateway = checked('gateway', (value) => isIP(value) !== 0, 'it must be an IP address');
  const sshKey = checked(
    'ssh_key',
    (value) => sshKeyPattern.test(value),
    'it must be one public key of OpenSSH on one line',
  );
  const hostname = checked(
    'hostname',
    (value) => hostnamePattern.test(value),
    'it must consist of letters, digits, hyphens and dots',
  );
  const adminPasswordHash = checked(
    'admin_password_hash',
    (value) => hashPattern.test(value),
    'it must be what hash-password prints (scrypt$…)',
  );
  const endpoint = checked('endpoint', isHostWithPort, 'it must be a host name or an address');
  const nfsTarget = checked('nfs_target', isNfsTarget, 'it must be like server:/path');
  const nfsOptions = checked(
    'nfs_options',
    (value) => /^[\w.,=:-]+$/.test(value),
    'it must be like vers=4.1,hard',
  );
  // Spaces at its ends may be meant, so a password is taken as it is.
  const adminPassword = password(environment.properties.get('admin_password'), problems);
  const mac = environment.macs[0];

  return {
    problems,
    settings: {
      ...optional('hostname', hostname),
      network: {
        ...optional(
          'fixed',
          address === undefined ? undefined : { address, ...optional('gateway', gateway) },
        ),
        ...optional('mac', mac),
        dns: list('dns', (value) => isIP(value) !== 0, 'each must be an IP address'),
        search: list('search', (value) => hostnamePattern.test(value), 'each must be a domain'),
      },
      ntp: list('ntp', isHost, 'each must be a host name or an address'),
      ...optional('sshKey', sshKey),
      ...optional('adminPassword', adminPassword),
      ...optional('adminPasswordHash', adminPasswordHash),
      ...optional('endpoint', endpoint),
      ...optional(
        'nfs',
        nfsTarget === undefined
          ? undefined
          : { target: nfsTarget, options: nfsOptions ?? 'vers=4.1,hard,proto=tcp' },
      ),
    },
  };
}

/** The rule is the admin page's own. */
function password(value: string | undefined, problems: string[]): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (value.length >= shortestPassword) return value;
  problems.push(
    `Property admin_password is left out: it must have at least ${shortestPassword} characters.`,
  );
  return undefined;
}

const separators = /[\s,;]+/;

function split(value: string): readonly string[] {
  return value.split(separators);
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
}

function isCidr(value: string): boolean {
  const [address = '', prefix = '', ...rest] = value.split('/');
  if (rest.length > 0 || isIP(address) === 0 || !/^\d{1,3}$/.test(prefix)) return false;
  return Number(prefix) >= 1 && Number(prefix) <= (isIPv4(address) ? 32 : 128);
}

function isHostWithPort(value: string): boolean {
  const [, host = value] = /^(.*?)(?::\d{1,5})?$/.exec(value) ?? [];
  return isIP(value) !== 0 || isIP(host) !== 0 || hostnamePattern.test(host);
}

function isNfsTarget(value: string): boolean {
  const [, host = '', path = ''] = /^(\[[^\]]+\]|[^:/]+):(\/.*)$/.exec(value) ?? [];
  // Printable and without spaces or quotes: it becomes an argument of mount and a line in pages.
  if (!/^\/[\x21-\x7e]*$/.test(path) || /["'\\]/.test(path)) return false;
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) !== 0 || hostnamePattern.test(bare);
}
