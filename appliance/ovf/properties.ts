/** What can be set when the appliance is deployed. Every property may stay empty. */
export const propertyKeys = [
  'hostname',
  'ip0',
  'gateway',
  'dns',
  'search',
  'ntp',
  'admin_password',
  'admin_password_hash',
  'ssh_key',
  'endpoint',
  'nfs_target',
  'nfs_options',
] as const;

export type PropertyKey = (typeof propertyKeys)[number];

/** Their values must not stay anywhere in clear text. */
export const secretKeys: readonly PropertyKey[] = ['admin_password'];

export interface PropertyText {
  readonly key: PropertyKey;
  readonly label: string;
  readonly description: string;
  readonly defaultValue?: string;
  readonly maxLength: number;
}

export interface PropertyCategory {
  readonly title: string;
  readonly properties: readonly PropertyText[];
}

export const propertyCategories: readonly PropertyCategory[] = [
  {
    title: 'Network',
    properties: [
      {
        key: 'hostname',
        label: 'Host name',
        description:
          'Full name, for example backup.example.com. Empty: coldframe, or what DHCP says.',
        maxLength: 253,
      },
      {
        key: 'ip0',
        label: 'IP address',
        description: 'With prefix length, for example 192.0.2.10/24. Empty: DHCP.',
        maxLength: 64,
      },
      {
        key: 'gateway',
        label: 'Default gateway',
        description: 'Used with a fixed IP address only.',
        maxLength: 64,
      },
      {
        key: 'dns',
        label: 'DNS servers',
        description: 'Addresses, separated by spaces or commas. Empty: from DHCP.',
        maxLength: 256,
      },
      {
        key: 'search',
        label: 'DNS search domains',
        description: 'Separated by spaces or commas.',
        maxLength: 256,
      },
      {
        key: 'ntp',
        label: 'NTP servers',
        description:
          'Names or addresses, separated by spaces or commas. Empty: from DHCP, else Debian’s pool.',
        maxLength: 256,
      },
    ],
  },
  {
    title: 'Administration',
    properties: [
      {
        key: 'admin_password',
        label: 'Initial password of the administrator',
        description:
          'For the admin page, at least 12 characters. vCenter keeps it readable in the options of the VM, so change it after the first login or use the hash below. Empty: the first visitor of the page sets it.',
        maxLength: 128,
      },
      {
        key: 'admin_password_hash',
        label: 'Hash of the password instead',
        description: 'Printed by hash-password, see the deployment guide. Wins over the password.',
        maxLength: 256,
      },
      {
        key: 'ssh_key',
        label: 'SSH public key',
        description:
          'Lets the user admin log in by SSH with this key. Empty: SSH stays switched off.',
        maxLength: 1024,
      },
    ],
  },
  {
    title: 'First endpoint and repository',
    properties: [
      {
        key: 'endpoint',
        label: 'vCenter Server or ESXi host',
        description:
          'Its name or address. User, password and certificate are asked in the admin page.',
        maxLength: 253,
      },
      {
        key: 'nfs_target',
        label: 'NFS export for backups',
        description: 'server:/path',
        maxLength: 512,
      },
      {
        key: 'nfs_options',
        label: 'NFS mount options',
        description: 'Keep vers=4.1 unless your storage needs another version.',
        defaultValue: 'vers=4.1,hard,proto=tcp',
        maxLength: 256,
      },
    ],
  },
];
