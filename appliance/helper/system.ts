import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ColdframeError } from '#core/error.ts';
import type { HelperAnswer, HelperInput } from '#core/helper.ts';
import { writeWhole } from '../firstboot/apply.ts';
import { filesOf, type SettingGroup } from '../firstboot/files.ts';
import { checkSettings, type FirstBootSettings } from '../firstboot/settings.ts';
import type { PropertyKey } from '../ovf/properties.ts';
import type { HelperWorld } from './world.ts';

/** Checked by the rules of the deployment properties and written to the same files. */
export async function setNetwork(
  { hostname, fixed, dns, search }: HelperInput<'set-network'>,
  world: HelperWorld,
): Promise<HelperAnswer<'set-network'>> {
  const settings = checked({
    ...(hostname === undefined ? {} : { hostname }),
    ...(fixed === undefined ? {} : { ip0: fixed.address }),
    ...(fixed?.gateway === undefined ? {} : { gateway: fixed.gateway }),
    dns: dns.join(' '),
    search: search.join(' '),
  });
  await write('network', settings, world);
  if (hostname !== undefined) {
    await write('hostname', settings, world);
    await writeFile(join(world.root, 'proc/sys/kernel/hostname'), hostname);
  }
  await world.run(['networkctl', 'reload']);
  return { applied: true };
}

export async function setTimeServers(
  { servers }: HelperInput<'set-time-servers'>,
  world: HelperWorld,
): Promise<HelperAnswer<'set-time-servers'>> {
  await write('time', checked({ ntp: servers.join(' ') }), world);
  await world.run(['systemctl', '--no-block', 'restart', 'systemd-timesyncd.service']);
  return { applied: true };
}

const orders = {
  restart: ['systemctl', '--no-block', 'reboot'],
  off: ['systemctl', '--no-block', 'poweroff'],
  'restart-service': ['systemctl', '--no-block', 'restart', 'coldframe.service'],
} as const;

export async function power(
  { action }: HelperInput<'power'>,
  { run }: HelperWorld,
): Promise<HelperAnswer<'power'>> {
  await run(orders[action]);
  return { applied: true };
}

function checked(values: Partial<Readonly<Record<PropertyKey, string>>>): FirstBootSettings {
  const properties = new Map(Object.entries(values));
  const { settings, problems } = checkSettings({ properties, macs: [] });
  if (problems.length === 0) return settings;
  const text = problems.map((each) => each.replace(/^Property (\w+) is left out/, '$1')).join(' ');
  throw new ColdframeError('invalid-input', `Nothing was changed: ${text}`);
}

async function write(group: SettingGroup, settings: FirstBootSettings, { root }: HelperWorld) {
  for (const file of filesOf(settings)[group]) await writeWhole(root, file);
}
