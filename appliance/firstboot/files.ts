import type { FirstBootSettings } from './settings.ts';

export interface FileToWrite {
  /** Absolute, as seen from the appliance's root. */
  readonly path: string;
  readonly mode: number;
  /** undefined: the file must not exist. */
  readonly text: string | undefined;
}

/** Parts that are applied, and remembered, one by one. */
export type SettingGroup = 'hostname' | 'network' | 'time' | 'ssh';

const heading = '# Written from the deployment properties of the VM.';

/** The files that make the groups true. Nothing in them is secret. */
export function filesOf(
  settings: FirstBootSettings,
): Readonly<Record<SettingGroup, readonly FileToWrite[]>> {
  const { hostname, ntp, sshKey } = settings;
  const name = hostname ?? 'coldframe';
  const short = name.split('.')[0] ?? name;
  return {
    hostname: [
      { path: '/etc/hostname', mode: 0o644, text: `${name}\n` },
      {
        path: '/etc/hosts',
        mode: 0o644,
        text: `127.0.0.1 localhost\n127.0.1.1 ${name === short ? name : `${name} ${short}`}\n::1 localhost ip6-localhost ip6-loopback\n`,
      },
    ],
    network: [
      {
        path: '/etc/systemd/network/10-coldframe.network',
        mode: 0o644,
        text: networkFile(settings.network),
      },
    ],
    time: [
      {
        path: '/etc/systemd/timesyncd.conf.d/10-coldframe.conf',
        mode: 0o644,
        text: ntp.length === 0 ? undefined : lines([heading, '[Time]', `NTP=${ntp.join(' ')}`]),
      },
    ],
    ssh: [
      {
        path: '/etc/coldframe/authorized_keys/admin',
        mode: 0o644,
        text: sshKey === undefined ? undefined : `${sshKey}\n`,
      },
      {
        path: '/etc/coldframe/nftables.d/ssh.nft',
        mode: 0o644,
        text: sshKey === undefined ? undefined : lines([heading, 'tcp dport 22 accept']),
      },
    ],
  };
}

/** undefined leaves the image's own rule in force: DHCP on every adapter. */
function networkFile(network: FirstBootSettings['network']): string | undefined {
  const { fixed, dns, search, mac } = network;
  if (fixed === undefined && dns.length === 0 && search.length === 0) return undefined;
  return lines([
    heading,
    '[Match]',
    'Type=ether',
    // With several adapters the address belongs to the first that the platform names.
    mac === undefined ? 'Name=en* eth*' : `MACAddress=${mac}`,
    '',
    '[Network]',
    ...(fixed === undefined ? ['DHCP=yes'] : ['DHCP=no', `Address=${fixed.address}`]),
    ...(fixed?.gateway === undefined ? [] : [`Gateway=${fixed.gateway}`]),
    ...dns.map((server) => `DNS=${server}`),
    ...(search.length === 0 ? [] : [`Domains=${search.join(' ')}`]),
    ...(fixed === undefined
      ? ['', '[DHCPv4]', 'ClientIdentifier=mac', `UseDNS=${dns.length === 0 ? 'yes' : 'no'}`]
      : []),
  ]);
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
