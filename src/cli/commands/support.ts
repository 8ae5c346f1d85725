import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import type { RunList, RunLogView, RunView } from '#core/api.ts';
import type { NotificationsView } from '#core/api-notify.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';

import type { Command, CommandInput } from '../command.ts';
import { timeText } from '../format.ts';

const run = promisify(execFile);

/** What the service is asked for; none of it carries a secret. */
const asked = [
  'health',
  'endpoints',
  'repositories',
  'jobs',
  'vddk',
  'journal',
  'alarms',
  'notices',
  'restore-points',
  'users',
  'tokens',
  'audit',
  'audit/check',
] as const;

const runsLooked = 200;
/** Whole, with their logs: the newest, and those that did not end well. */
const newestRuns = 20;

export const supportCommands: readonly Command[] = [
  {
    name: 'support bundle',
    summary: 'Write what somebody needs to understand a fault into one file',
    options: { output: { value: 'FILE', summary: 'a .tar.gz; named by the time unless told' } },
    examples: ['coldframe support bundle', 'coldframe support bundle --output case-17.tar.gz'],
    notes: [
      'Settings, runs with their logs, alarms, journal and audit log, in JSON and text: read it before you\ngive it away. Passwords, keys and tokens are not in it; names of VMs, hosts and people are.',
    ],
    async run(input) {
      const file = resolve(input.text('output') ?? fileName(Date.now()));
      const folder = await mkdtemp(join(tmpdir(), 'coldframe-support-'));
      try {
        await collect(input, join(folder, 'support'));
        await pack(folder, file);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      if (input.output.json) input.output.document({ file });
      else input.output.line(file);
      return undefined;
    },
  },
];

function fileName(nowMs: number): string {
  return `coldframe-support-${new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')}.tar.gz`;
}

async function collect(input: CommandInput, folder: string): Promise<void> {
  const { client, signal } = input;
  await mkdir(join(folder, 'runs'), { recursive: true, mode: 0o700 });
  const put = (name: string, value: unknown): Promise<void> =>
    writeFile(join(folder, name), `${JSON.stringify(value, undefined, 2)}\n`);
  for (const path of asked) {
    signal.throwIfAborted();
    // One answer that fails is itself worth knowing.
    const answer = await client.get(`/${path}`).catch(toErrorRecord);
    await put(`${path.replace('/', '-')}.json`, answer);
  }
  const settings = await client.get<NotificationsView>('/notifications').catch(() => undefined);
  if (settings !== undefined) await put('notifications.json', withoutAddresses(settings));
  const { runs } = await client.get<RunList>(`/runs?limit=${runsLooked}`);
  await put('runs.json', runs);
  const wanted = runs.filter((r, i) => i < newestRuns || r.state !== 'succeeded');
  for (const { id } of wanted) {
    signal.throwIfAborted();
    await put(`runs/${id}.json`, await client.get<RunView>(`/runs/${id}`));
    const { lines } = await client.get<RunLogView>(`/runs/${id}/log`);
    const text = lines.map((line) => `${timeText(line.timeMs)} ${line.level} ${line.message}\n`);
    await writeFile(join(folder, 'runs', `${id}.log`), text.join(''));
  }
}

/** The path of a webhook is often a secret of its own. */
function withoutAddresses(settings: NotificationsView): NotificationsView {
  const webhooks = settings.webhooks.map((hook) => ({ ...hook, url: new URL(hook.url).origin }));
  return { ...settings, webhooks };
}

async function pack(folder: string, file: string): Promise<void> {
  try {
    // Only for whoever asked; tar keeps the mode of a file that is there.
    await writeFile(file, '', { flag: 'wx', mode: 0o600 });
    await run('tar', ['--create', '--gzip', '--file', file, '--mode=go=', '-C', folder, 'support']);
  } catch (error) {
    throw new ColdframeError('io', `${file} cannot be written, or is there already.`, {
      cause: error,
    });
  }
}
