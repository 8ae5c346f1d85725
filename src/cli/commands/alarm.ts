import type { AlarmList, NoticeList, NotificationsView } from '#core/api-notify.ts';
import { notifyRules } from '#core/notice.ts';
import { mailSecurities } from '#core/notify-settings.ts';

import type { Command, CommandInput } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { timeText } from '../format.ts';
import { usageError } from '../parse-command-line.ts';
import { readPassword } from '../prompt.ts';

const rule = { value: 'RULE', summary: `${notifyRules.join(', ')}; warnings unless told` };

export const alarmCommands: readonly Command[] = [
  {
    name: 'alarm list',
    summary: 'Alarms that stand: what should have happened and did not',
    examples: ['coldframe alarm list'],
    async run({ client, output }) {
      const { alarms } = await client.get<AlarmList>('/alarms');
      if (output.json) output.document(alarms);
      else if (alarms.length === 0) output.note('No alarm stands.');
      else
        output.table(
          [{ title: 'SINCE' }, { title: 'SEVERITY' }, { title: 'ALARM' }, { title: 'WHAT TO DO' }],
          alarms.map((alarm) => [timeText(alarm.sinceMs), alarm.severity, alarm.title, alarm.text]),
        );
      return alarms.length > 0 ? exitCodes.warnings : exitCodes.ok;
    },
  },
  {
    name: 'alarm set',
    summary: 'Say when silence is an alarm; 0 switches one off',
    options: {
      'vm-hours': { value: 'N', summary: 'no good restore point of a VM for so long' },
      'job-minutes': { value: 'N', summary: 'a job did not start for so long' },
      'verify-days': { value: 'N', summary: 'nothing was verified for so long' },
      'repository-days': { value: 'N', summary: 'a repository is full in fewer days' },
    },
    examples: ['coldframe alarm set --vm-hours 26 --repository-days 30'],
    async run(input) {
      const given = [
        ['vmHours', 'vm-hours'],
        ['jobMinutes', 'job-minutes'],
        ['verifyDays', 'verify-days'],
        ['repositoryDays', 'repository-days'],
      ].flatMap(([field = '', option = '']) => {
        const text = input.text(option);
        return text === undefined ? [] : [[field, Number(text)] as const];
      });
      if (given.length === 0) throw usageError('Nothing was given to change.');
      return change(input, { alarms: Object.fromEntries(given) });
    },
  },
  {
    name: 'notify show',
    summary: 'Who is told what, and when silence is an alarm',
    examples: ['coldframe notify show'],
    async run(input) {
      return show(input, await input.client.get<NotificationsView>('/notifications'));
    },
  },
  {
    name: 'notify mail',
    summary: 'Tell people by mail',
    options: {
      host: { value: 'HOST', summary: 'SMTP server' },
      port: { value: 'N', summary: '587 unless told' },
      security: { value: 'HOW', summary: `${mailSecurities.join(', ')}; starttls unless told` },
      user: { value: 'NAME', summary: 'account, if the server wants one' },
      'password-file': { value: 'PATH', summary: 'its password; - is standard input' },
      from: { value: 'ADDRESS', summary: 'sender' },
      to: { value: 'ADDRESS', summary: 'receiver; may be given several times', many: true },
      rule,
      off: { summary: 'no mail any more' },
    },
    examples: [
      'coldframe notify mail --host mail.example.org --from cf@example.org --to ops@example.org',
      'coldframe notify mail --off',
    ],
    async run(input) {
      if (input.flag('off')) return change(input, { mail: null });
      const { text } = input;
      const user = text('user') ?? '';
      const password = user === '' ? undefined : await readPassword(input, `Password of ${user}: `);
      return change(input, {
        mail: {
          host: needed(input, 'host'),
          port: Number(text('port') ?? 587),
          security: text('security') ?? 'starttls',
          user,
          ...(password === undefined ? {} : { password: password.reveal() }),
          from: needed(input, 'from'),
          to: input.texts('to'),
          rule: text('rule') ?? 'warnings',
        },
      });
    },
  },
  {
    name: 'notify syslog',
    summary: 'Tell a syslog server (RFC 5424)',
    options: {
      host: { value: 'HOST', summary: 'syslog server' },
      port: { value: 'N', summary: '514 unless told' },
      protocol: { value: 'P', summary: 'udp or tcp; udp unless told' },
      rule,
      off: { summary: 'no syslog any more' },
    },
    examples: ['coldframe notify syslog --host logs.example.org --protocol tcp --port 601'],
    async run(input) {
      if (input.flag('off')) return change(input, { syslog: null });
      const { text } = input;
      return change(input, {
        syslog: {
          host: needed(input, 'host'),
          port: Number(text('port') ?? 514),
          protocol: text('protocol') ?? 'udp',
          rule: text('rule') ?? 'warnings',
        },
      });
    },
  },
  {
    name: 'notify webhook',
    summary: 'Tell a program by HTTP; with a key, what is sent is signed',
    arguments: [{ name: 'NAME', summary: 'what you want to call it' }],
    options: {
      url: { value: 'URL', summary: 'where notices are posted to' },
      'password-file': { value: 'PATH', summary: 'file with the key for the signature' },
      rule,
      remove: { summary: 'remove it' },
    },
    examples: [
      'coldframe notify webhook chat --url https://chat.example.org/hook --password-file key',
      'coldframe notify webhook chat --remove',
    ],
    notes: [
      'Signed: "Coldframe-Signature: t=SECONDS,v1=HEX", HEX the HMAC-SHA256 of "SECONDS.BODY".',
    ],
    async run(input) {
      const name = input.argument('NAME');
      if (input.flag('remove')) {
        await input.client.delete(`/notifications/webhooks/${encodeURIComponent(name)}`);
        input.output.note(`Removed ${name}.`);
        return undefined;
      }
      const key =
        input.text('password-file') === undefined ? undefined : await readPassword(input, '');
      const view = await input.client.post<NotificationsView>('/notifications/webhooks', {
        name,
        url: needed(input, 'url'),
        rule: input.text('rule') ?? 'warnings',
        ...(key === undefined ? {} : { key: key.reveal() }),
      });
      return show(input, view);
    },
  },
  {
    name: 'notify summary',
    summary: 'Send the figures of the last day, every day',
    options: {
      hour: { value: 'H', summary: '0 to 23' },
      'time-zone': { value: 'ZONE', summary: "the service's unless told" },
      off: { summary: 'no summary any more' },
    },
    examples: ['coldframe notify summary --hour 7 --time-zone Europe/Berlin'],
    async run(input) {
      if (input.flag('off')) return change(input, { summary: null });
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      return change(input, {
        summary: {
          hour: Number(needed(input, 'hour')),
          timeZone: input.text('time-zone') ?? timeZone,
        },
      });
    },
  },
  {
    name: 'notify test',
    summary: 'Send a test now and say how it went',
    arguments: [{ name: 'TO', summary: 'mail, syslog, or the name of a webhook' }],
    examples: ['coldframe notify test mail'],
    async run({ client, output, argument }) {
      await client.post('/notifications/test', { to: argument('TO') });
      output.note(`The test was taken by ${argument('TO')}.`);
      return undefined;
    },
  },
  {
    name: 'notify list',
    summary: 'What people were told lately',
    examples: ['coldframe notify list'],
    async run({ client, output }) {
      const { notices } = await client.get<NoticeList>('/notices');
      if (output.json) output.document(notices);
      else if (notices.length === 0) output.note('Nothing yet.');
      else
        output.table(
          [{ title: 'WHEN' }, { title: 'SEVERITY' }, { title: 'WHAT' }],
          notices.map((notice) => [timeText(notice.timeMs), notice.severity, notice.title]),
        );
      return undefined;
    },
  },
];

function needed(input: CommandInput, option: string): string {
  const value = input.text(option);
  if (value === undefined) throw usageError(`--${option} is missing.`);
  return value;
}

async function change(input: CommandInput, body: object): Promise<undefined> {
  return show(input, await input.client.patch<NotificationsView>('/notifications', body));
}

function show({ output }: CommandInput, view: NotificationsView): undefined {
  if (output.json) {
    output.document(view);
    return;
  }
  const { mail, syslog, webhooks, alarms, summary } = view;
  output.facts([
    [
      'Mail',
      mail === undefined
        ? 'off'
        : `${mail.to.join(', ')} by ${mail.host}:${mail.port} (${mail.security}), ${mail.rule}`,
    ],
    [
      'Syslog',
      syslog === undefined
        ? 'off'
        : `${syslog.host}:${syslog.port} (${syslog.protocol}), ${syslog.rule}`,
    ],
    ...webhooks.map(
      ({ name, url, rule: which, signed }) =>
        [`Webhook ${name}`, `${url}, ${which}${signed ? ', signed' : ''}`] as const,
    ),
    [
      'Summary',
      summary === undefined ? 'off' : `every day at ${summary.hour}:00 (${summary.timeZone})`,
    ],
    ['VM alarm', hoursText(alarms.vmHours, 'hours without a good restore point')],
    ['Job alarm', hoursText(alarms.jobMinutes, 'minutes after a start that did not come')],
    ['Verify alarm', hoursText(alarms.verifyDays, 'days without a verification')],
    ['Space alarm', hoursText(alarms.repositoryDays, 'days until a repository is full')],
  ]);
}

function hoursText(value: number, words: string): string {
  return value === 0 ? 'off' : `${value} ${words}`;
}
