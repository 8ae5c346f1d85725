/** Applies the deployment properties. systemd starts it before the network; its output goes to the journal. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { secretKeys } from '../ovf/properties.ts';
import { applyGroups, readState, writeState } from './apply.ts';
import type { SettingGroup } from './files.ts';
import { handOverPath, writeHandOver } from './hand-over.ts';
import { type OvfEnvironment, parseOvfEnvironment, withoutValues } from './ovf-environment.ts';
import { checkSettings, type FirstBootSettings } from './settings.ts';
import { type FoundEnvironment, findEnvironment, replaceGuestinfo } from './transports.ts';

const run = promisify(execFile);
const root = '/';
const dataFolder = '/var/lib/coldframe';
const restart = ['systemctl', '--no-block', 'restart'];
const nothingSet: OvfEnvironment = { properties: new Map(), macs: [] };

const found = await findEnvironment();
const environment = found === undefined ? undefined : readEnvironment(found);
const { settings, problems } = checkSettings(environment ?? nothingSet);
for (const problem of problems) say(problem);

const previous = await readState(root);
const first = Object.keys(previous.groups).length === 0;
if (environment === undefined) say(first ? 'No properties: DHCP.' : 'No properties: all stays.');
const { changed, groups } =
  environment !== undefined || first
    ? await applyGroups(root, settings, previous)
    : { changed: [], groups: previous.groups };
const handedOver = (await dataDiskMounted()) ? await handOver() : previous.handedOver;
for (const group of changed) await activate(group, settings);
await writeState(root, { groups, handedOver });
say(changed.length === 0 ? 'Nothing has changed.' : `Applied: ${changed.join(', ')}.`);
if (found !== undefined) await wipe(found);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A damaged document must not keep the appliance from booting. */
function readEnvironment({ transport, text }: FoundEnvironment): OvfEnvironment | undefined {
  try {
    const read = parseOvfEnvironment(text);
    say(`Properties by ${transport}.`);
    return read;
  } catch (error) {
    say(`Properties by ${transport}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Without it the files would lie hidden under a later mount; the next boot tries again. */
async function dataDiskMounted(): Promise<boolean> {
  const mounted = await succeeds('mountpoint', ['--quiet', dataFolder]);
  if (!mounted) say(`No data disk at ${dataFolder}: the first settings wait for it.`);
  return mounted;
}

/** What the service is to take over; returns whether that has been done, now or before. */
async function handOver(): Promise<boolean> {
  if (previous.handedOver || !(await writeHandOver(root, settings))) return previous.handedOver;
  await run('chown', ['coldframe:coldframe', handOverPath]);
  say('Handed the first settings over to the service.');
  return true;
}

/** At boot the services start after us and find their files; by hand they are running already. */
async function activate(group: SettingGroup, { sshKey, hostname }: FirstBootSettings) {
  switch (group) {
    case 'hostname':
      await writeFile('/proc/sys/kernel/hostname', hostname ?? 'coldframe');
      return;
    case 'network':
      await reloadIfActive('systemd-networkd.service', ['networkctl', 'reload']);
      return;
    case 'time':
      await reloadIfActive('systemd-timesyncd.service', [...restart, 'systemd-timesyncd.service']);
      return;
    case 'ssh':
      if (sshKey === undefined) await run('systemctl', ['disable', '--quiet', 'ssh.service']);
      else {
        await run('ssh-keygen', ['-A']);
        await run('systemctl', ['enable', '--quiet', 'ssh.service']);
      }
      // Waiting would be for ourselves: ssh is ordered after the network, the network after us.
      await run('systemctl', [
        '--no-block',
        sshKey === undefined ? 'stop' : 'start',
        'ssh.service',
      ]);
      await reloadIfActive('nftables.service', ['systemctl', 'reload', 'nftables.service']);
  }
}

async function reloadIfActive(unit: string, [program = '', ...rest]: readonly string[]) {
  if (await succeeds('systemctl', ['is-active', '--quiet', unit])) await run(program, rest);
}

async function succeeds(program: string, options: readonly string[]): Promise<boolean> {
  return run(program, options).then(
    () => true,
    () => false,
  );
}

/** Only VMware's copy can be overwritten from inside. */
async function wipe({ transport, text }: FoundEnvironment): Promise<void> {
  if (transport !== 'guestinfo') return;
  const wiped = withoutValues(text, secretKeys);
  if (wiped === text) return;
  await replaceGuestinfo(wiped);
  say('Wiped the password from the guest’s copy of the properties.');
}
