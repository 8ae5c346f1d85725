import { createApiClient } from '#cli/api-client.ts';
import type { RecoveryView } from '#core/api.ts';
import { toErrorRecord } from '#core/error.ts';
import { firstUser } from '#core/user.ts';
import type { Helper } from '#service/helper-client.ts';
import type { Run } from '../helper/run.ts';
import { networkForm, timeForm } from './network-forms.ts';
import { wrapped, type Terminal } from './terminal.ts';

export interface Desk {
  readonly terminal: Terminal;
  readonly helper: Helper;
  readonly run: Run;
  readonly dataDir: string;
}

interface Entry {
  readonly key: string;
  readonly text: string;
  /** Says what was done; undefined when it was left. */
  readonly act: (desk: Desk) => Promise<string | undefined>;
}

/** Left alone for so long, the console logs out. */
const idleMs = 5 * 60_000;
const longMs = 10 * 60_000;
const programs = '/usr/lib/coldframe';

const entries: readonly Entry[] = [
  {
    key: '1',
    text: 'Network: address, gateway, DNS, host name',
    act: ({ terminal, helper }) => networkForm(terminal, helper),
  },
  { key: '2', text: 'Time servers', act: ({ terminal, helper }) => timeForm(terminal, helper) },
  { key: '3', text: `Password of ${firstUser}`, act: newPassword },
  { key: '4', text: 'New certificate for the admin page', act: newCertificate },
  { key: '5', text: 'Restart the service', act: restartService },
  { key: '6', text: 'Release disks and snapshots that were left behind', act: releaseStrays },
  { key: '7', text: 'Support bundle', act: supportBundle },
  { key: '8', text: 'Factory reset', act: factoryReset },
  { key: '9', text: 'Restart or switch off the appliance', act: powerMenu },
];

/** For somebody who has logged in; returns when he logs out or has gone. */
export async function menu(desk: Desk): Promise<void> {
  let news: string | undefined;
  for (;;) {
    desk.terminal.show({
      title: 'coldframe   logged in',
      lines: [
        '',
        ...entries.map(({ key, text }) => ` ${key}   ${text}`),
        '',
        ...(news === undefined ? [] : wrapped(news)),
      ],
      footer: '1 to 9   Q log out   Escape leaves a question',
    });
    const key = await desk.terminal.key(idleMs);
    if (key === undefined || key.toLowerCase() === 'q') return;
    const entry = entries.find((each) => each.key === key);
    if (entry === undefined) continue;
    news = await attempt(desk, entry);
  }
}

async function attempt(desk: Desk, { text, act }: Entry): Promise<string | undefined> {
  desk.terminal.show({
    title: text,
    lines: ['', 'One moment.'],
    footer: 'Escape leaves a question',
  });
  try {
    return await act(desk);
  } catch (error) {
    return `Not done. ${toErrorRecord(error).message}`;
  }
}

async function newPassword({ terminal, dataDir }: Desk): Promise<string | undefined> {
  const password = await terminal.ask({ label: 'New password', secret: true });
  if (password === undefined) return undefined;
  const again = await terminal.ask({ label: 'Again', secret: true });
  if (again === undefined) return undefined;
  if (again !== password) return 'Not done. The two differ.';
  const client = createApiClient({ dataDir, signal: AbortSignal.timeout(60_000) });
  await client.patch(`/users/${firstUser}`, { password });
  return 'The password is changed, and who was signed in with the old one no longer is.';
}

async function newCertificate({
  terminal,
  run,
  dataDir,
  helper,
}: Desk): Promise<string | undefined> {
  if (!(await terminal.confirm('Browsers will warn of the new one.'))) return undefined;
  await run(['rm', '-f', `${dataDir}/tls/server.crt`, `${dataDir}/tls/server.key`]);
  await helper.ask('power', { action: 'restart-service' });
  return 'The service restarts with a new certificate. The first screen shows its fingerprint.';
}

async function restartService({ terminal, helper }: Desk): Promise<string | undefined> {
  if (!(await terminal.confirm('Running tasks are stopped and undone.'))) return undefined;
  await helper.ask('power', { action: 'restart-service' });
  return 'The service restarts.';
}

async function releaseStrays({ dataDir }: Desk): Promise<string> {
  const client = createApiClient({ dataDir, signal: AbortSignal.timeout(longMs) });
  const { undone, open } = await client.post<RecoveryView>('/journal/recover');
  const { released } = await client.post<{ readonly released: readonly unknown[] }>(
    '/strays/release',
    {},
  );
  const left = open.length === 0 ? 'Nothing waits any more.' : `${open.length} entries wait still.`;
  return `${undone} undone from the journal, ${released.length} released besides. ${left}`;
}

async function supportBundle({ run }: Desk): Promise<string> {
  const path = await run([`${programs}/support-bundle`], { timeoutMs: longMs });
  return `Written: ${path.trim()} (without passwords and keys). Fetch it with scp as the user admin.`;
}

async function factoryReset({ terminal, run }: Desk): Promise<string | undefined> {
  terminal.show({
    title: 'Factory reset',
    lines: [
      '',
      'Settings, endpoints, jobs, users, catalog and certificate are deleted. Archives stay:',
      'repositories can be added again. The appliance then restarts and takes a new password.',
    ],
    footer: 'Escape leaves',
  });
  const answer = await terminal.ask({ label: 'Type RESET to delete them' });
  if (answer !== 'RESET') return undefined;
  await run([`${programs}/factory-reset`], { timeoutMs: longMs });
  return 'The appliance restarts.';
}

async function powerMenu({ terminal, helper }: Desk): Promise<string | undefined> {
  const answer = await terminal.ask({ label: 'R restart, O switch off' });
  const action = { r: 'restart', o: 'off' }[answer?.trim().toLowerCase() ?? ''];
  if (action !== 'restart' && action !== 'off') return undefined;
  await helper.ask('power', { action });
  return action === 'restart' ? 'The appliance restarts.' : 'The appliance is switched off.';
}
