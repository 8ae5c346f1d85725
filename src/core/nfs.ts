/** NFS exports, as administrators name them and as the appliance mounts them. */

export const nfsVersions = ['3', '4.1', '4.2'] as const;
export type NfsVersion = (typeof nfsVersions)[number];

/** Widely spoken and without 4.2's READ_PLUS, with which some servers answer reads with nothing. */
export const defaultNfsVersion: NfsVersion = '4.1';

export interface NfsShare {
  /** Host name or address; an IPv6 address without brackets. */
  readonly server: string;
  /** Absent: 2049. */
  readonly port?: number;
  /** Absolute path of the export. */
  readonly path: string;
  readonly version: NfsVersion;
}

const name =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;
const ipv6 = /^(?=.*:)[0-9a-f:.]{2,45}(?:%[a-z0-9.-]{1,15})?$/i;

/** "nfs://server[:port]/export" or "server:/export"; undefined when it is neither. */
export function parseNfsShare(text: string, version: NfsVersion): NfsShare | undefined {
  const [, inUrl, port, urlPath] =
    /^nfs:\/\/(\[[^\]]+\]|[^/:[\]]+)(?::(\d{1,5}))?(\/.*)$/i.exec(text) ?? [];
  const [, plain, plainPath] = /^(\[[^\]]+\]|[^/:[\]]+):(\/.*)$/.exec(text) ?? [];
  const host = inUrl ?? plain;
  const path = urlPath ?? plainPath;
  if (host === undefined || path === undefined) return undefined;
  const share = {
    server: host.replace(/^\[(.*)\]$/, '$1'),
    ...(port === undefined ? {} : { port: Number(port) }),
    path: path.length > 1 ? path.replace(/\/+$/, '') : path,
    version,
  };
  return nfsShareProblem(share) === undefined ? share : undefined;
}

/** What is wrong with it as a sentence's part; undefined when it may become a mount unit. */
export function nfsShareProblem({ server, port, path }: NfsShare): string | undefined {
  if (!name.test(server) && !ipv6.test(server)) return 'the server is no host name or address';
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    return 'the port is not between 1 and 65535';
  // It becomes a line of a unit file: printable, no specifier, no quote, no way out.
  if (!/^\/[\x21-\x7e]*$/.test(path) || /[%"'\\]/.test(path) || path.length > 1000)
    return 'the export is no plain absolute path';
  if (path.includes('//') || path.split('/').includes('..'))
    return 'the export leads through "//" or ".."';
  return undefined;
}

/** "server:/export", as mount takes it. */
export function nfsSource({ server, path }: NfsShare): string {
  return `${server.includes(':') ? `[${server}]` : server}:${path}`;
}

/**
 * Mount options. Hard: a soft mount loses writes without a word. What waits for a dead server are
 * processes that can be killed.
 */
export function nfsOptions({ version, port }: NfsShare): string {
  return [
    `vers=${version}`,
    'proto=tcp',
    'hard',
    'timeo=600',
    'retrans=2',
    // Locks of version 3 need daemons that listen; coldframe's locks are files.
    ...(version === '3' ? ['nolock'] : []),
    ...(port === undefined ? [] : [`port=${port}`]),
    'noatime',
    'nosuid',
    'nodev',
    'noexec',
  ].join(',');
}

/** Where a repository of this name is mounted; its last part is a name that the helper takes. */
export function nfsMountPoint(repository: string): string {
  const slug = repository
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  return `/srv/${slug === '' ? 'repository' : slug}`;
}
