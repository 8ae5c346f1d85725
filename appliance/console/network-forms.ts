import type { NetworkSettings } from '#core/helper.ts';
import type { Helper } from '#service/helper-client.ts';
import type { Terminal } from './terminal.ts';

const separators = /[\s,;]+/;

/** Each returns what to say of it, or undefined when it was left. */
export async function networkForm(terminal: Terminal, helper: Helper): Promise<string | undefined> {
  const address = await terminal.ask({
    label: 'Address with prefix (192.0.2.10/24), empty for DHCP',
  });
  if (address === undefined) return undefined;
  const gateway = address.trim() === '' ? '' : await terminal.ask({ label: 'Gateway' });
  if (gateway === undefined) return undefined;
  const dns = await terminal.ask({ label: 'DNS servers, empty for those of DHCP' });
  if (dns === undefined) return undefined;
  const search = await terminal.ask({ label: 'Search domains' });
  if (search === undefined) return undefined;
  const hostname = await terminal.ask({ label: 'Host name, empty to keep it' });
  if (hostname === undefined) return undefined;
  if (!(await terminal.confirm('People at the admin page may lose it.'))) return undefined;
  await helper.ask('set-network', settings({ address, gateway, dns, search, hostname }));
  return 'The network is set. The first screen shows the address that it has.';
}

export async function timeForm(terminal: Terminal, helper: Helper): Promise<string | undefined> {
  const text = await terminal.ask({ label: 'Time servers, empty for those of DHCP' });
  if (text === undefined) return undefined;
  await helper.ask('set-time-servers', { servers: words(text) });
  return 'The time servers are set.';
}

type Answers = Readonly<Record<'address' | 'gateway' | 'dns' | 'search' | 'hostname', string>>;

function settings({ address, gateway, dns, search, hostname }: Answers): NetworkSettings {
  const [at, via, name] = [address, gateway, hostname].map((each) => each.trim());
  return {
    ...(name === undefined || name === '' ? {} : { hostname: name }),
    ...(at === undefined || at === ''
      ? {}
      : { fixed: { address: at, ...(via === undefined || via === '' ? {} : { gateway: via }) } }),
    dns: words(dns),
    search: words(search),
  };
}

function words(text: string): readonly string[] {
  return text.split(separators).filter((word) => word !== '');
}
