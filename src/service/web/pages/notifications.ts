import type { NotificationsView } from '#core/api-notify.ts';
import type { StandingAlarm } from '#core/alarms.ts';
import { notifyRules, type Notice, type NotifyRule, type Severity } from '#core/notice.ts';
import { mailSecurities } from '#core/notify-settings.ts';

import { choices } from '../form-parts.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { named, notice, state, table, time, type Tone } from '../parts.ts';

export interface NotificationsPageView {
  readonly settings: NotificationsView;
  readonly alarms: readonly StandingAlarm[];
  readonly notices: readonly Notice[];
  readonly timeZone: string;
  readonly nowMs: number;
  readonly csrf: string;
  readonly said?: string;
}

const tones: Readonly<Record<Severity, Tone>> = { good: 'good', warning: 'warn', failure: 'bad' };
const ruleNames: readonly { readonly id: NotifyRule; readonly name: string }[] = [
  { id: 'always', name: 'everything' },
  { id: 'warnings', name: 'warnings and failures' },
  { id: 'failures', name: 'failures only' },
];
const securityNames = mailSecurities.map((id) => ({
  id,
  name: { tls: 'TLS from the start', starttls: 'STARTTLS, or not at all', none: 'none' }[id],
}));

export function notificationsPage(view: NotificationsPageView): Html {
  const { alarms, notices, nowMs, said } = view;
  return html`<h1>Alarms and notifications</h1><p class="lead">What should have happened and did not, and whom coldframe tells.</p>
${said === undefined ? null : notice('good', said)}
<section class="panel"><h2>Alarms</h2>${table<StandingAlarm>(
    'Alarms that stand now',
    [
      { head: 'Alarm', cell: (a) => named(a.title) },
      { head: 'Severity', cell: (a) => state(tones[a.severity], a.severity) },
      { head: 'Since', cell: (a) => time(a.sinceMs, nowMs) },
      { head: 'What to do', cell: (a) => named(a.text) },
    ],
    alarms,
    'No alarm stands.',
  )}</section>
${mailForm(view)}${syslogForm(view)}${webhooks(view)}${alarmForm(view)}${summaryForm(view)}
<section class="panel"><h2>Told lately</h2>${table<Notice>(
    'Newest first',
    [
      { head: 'What', cell: (n) => subject(n) },
      { head: 'Severity', cell: (n) => state(tones[n.severity], n.severity) },
      { head: 'When', cell: (n) => time(n.timeMs, nowMs) },
    ],
    notices,
    'Nothing yet.',
  )}</section>`;
}

function subject({ title, runId }: Notice): Html {
  return runId === undefined ? named(title) : html`<a href="/runs/${runId}">${named(title)}</a>`;
}

function ruleField(chosen: NotifyRule | undefined): Html {
  return html`<label>Tells<select name="rule">${choices(ruleNames, chosen ?? notifyRules[1])}</select></label>`;
}

function buttons(to: string | undefined, csrf: string): Html | null {
  return to === undefined
    ? null
    : html`<form class="inline" method="post" action="/settings/notifications/test">${csrfField(csrf)}<input type="hidden" name="to" value="${to}"><button class="plain" aria-label="Send a test to ${to}">Send a test</button></form>
<form class="inline" method="post" action="/settings/notifications/off">${csrfField(csrf)}<input type="hidden" name="to" value="${to}"><button class="plain" aria-label="Switch off ${to}">Switch off</button></form>`;
}

function mailForm({ settings: { mail }, csrf }: NotificationsPageView): Html {
  return html`<section class="panel"><h2>Mail</h2>${buttons(mail === undefined ? undefined : 'mail', csrf)}
<form class="fields" method="post" action="/settings/notifications/mail">${csrfField(csrf)}
<label>SMTP server<input name="host" required value="${mail?.host}"></label>
<label>Port<input name="port" type="number" min="1" max="65535" required value="${mail?.port ?? 587}"></label>
<label>Encryption<select name="security">${choices(securityNames, mail?.security ?? 'starttls')}</select></label>
<label>User<input name="user" autocomplete="off" value="${mail?.user}"></label>
<div class="field"><label>Password<input type="password" name="password" autocomplete="off" aria-describedby="mail-password-hint"></label><span class="hint" id="mail-password-hint">Empty: the saved one stays.</span></div>
<label>Sender<input type="email" name="from" required value="${mail?.from}"></label>
<div class="field"><label>Receivers<textarea name="to" rows="2" required aria-describedby="mail-to-hint">${mail?.to.join('\n')}</textarea></label><span class="hint" id="mail-to-hint">One address a line.</span></div>
${ruleField(mail?.rule)}<div><button>Save</button></div></form></section>`;
}

function syslogForm({ settings: { syslog }, csrf }: NotificationsPageView): Html {
  const protocols = [
    { id: 'udp', name: 'UDP' },
    { id: 'tcp', name: 'TCP' },
  ];
  return html`<section class="panel"><h2>Syslog</h2>${buttons(syslog === undefined ? undefined : 'syslog', csrf)}
<form class="fields" method="post" action="/settings/notifications/syslog">${csrfField(csrf)}
<label>Server<input name="host" required value="${syslog?.host}"></label>
<label>Port<input name="port" type="number" min="1" max="65535" required value="${syslog?.port ?? 514}"></label>
<label>Protocol<select name="protocol">${choices(protocols, syslog?.protocol ?? 'udp')}</select></label>
${ruleField(syslog?.rule)}<div><button>Save</button></div></form></section>`;
}

function webhooks({ settings, csrf }: NotificationsPageView): Html {
  return html`<section class="panel"><h2>Webhooks</h2>${table<
    NotificationsView['webhooks'][number]
  >(
    'Addresses that notices are posted to',
    [
      { head: 'Name', cell: (w) => named(w.name) },
      { head: 'Address', cell: (w) => html`<code>${w.url}</code>` },
      { head: 'Tells', cell: (w) => ruleNames.find(({ id }) => id === w.rule)?.name },
      { head: 'Signed', cell: (w) => (w.signed ? 'yes' : 'no') },
      { head: 'Do', cell: (w) => buttons(w.name, csrf) },
    ],
    settings.webhooks,
    'None.',
  )}
<form class="fields" method="post" action="/settings/notifications/webhooks">${csrfField(csrf)}
<label>Name<input name="name" required maxlength="60"></label>
<label>Address<input type="url" name="url" required placeholder="https://chat.example.org/hook"></label>
<div class="field"><label>Key<input type="password" name="key" autocomplete="off" aria-describedby="key-hint"></label><span class="hint" id="key-hint">With one, what is sent is signed (HMAC-SHA256).</span></div>
${ruleField(undefined)}<div><button>Add</button></div></form></section>`;
}

function alarmForm({ settings: { alarms }, csrf }: NotificationsPageView): Html {
  const field = (name: string, label: string, value: number): Html =>
    html`<label>${label}<input name="${name}" type="number" min="0" max="10000" required value="${value}"></label>`;
  return html`<section class="panel"><h2>When silence is an alarm</h2><p>0 switches one off.</p>
<form class="fields" method="post" action="/settings/notifications/alarms">${csrfField(csrf)}
${field('vmHours', 'Hours without a good restore point of a VM', alarms.vmHours)}
${field('jobMinutes', 'Minutes that a job may be late', alarms.jobMinutes)}
${field('verifyDays', 'Days without any verification', alarms.verifyDays)}
${field('repositoryDays', 'Days until a repository is full', alarms.repositoryDays)}
<div><button>Save</button></div></form></section>`;
}

function summaryForm({ settings: { summary }, timeZone, csrf }: NotificationsPageView): Html {
  return html`<section class="panel"><h2>Daily summary</h2>${
    summary === undefined
      ? html`<p>Off.</p>`
      : html`<form class="inline" method="post" action="/settings/notifications/off">${csrfField(csrf)}<input type="hidden" name="to" value="summary"><button class="plain">Switch off</button></form>`
  }
<form class="fields" method="post" action="/settings/notifications/summary">${csrfField(csrf)}
<label>Hour<input name="hour" type="number" min="0" max="23" required value="${summary?.hour ?? 7}"></label>
<label>Time zone<input name="timeZone" required value="${summary?.timeZone ?? timeZone}"></label>
<div><button>Save</button></div></form></section>`;
}
