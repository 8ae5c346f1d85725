import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, it } from 'node:test';

import type { MailSettings } from '#core/notify-settings.ts';
import { Secret } from '#core/secret.ts';
import { mailer } from '#service/notify/mail.ts';
import { startSmtpServer, type SmtpOptions } from '#test/support/smtp-server.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { sampleNotice } from '#test/unit/service/notify/sample-notice.ts';

const password = new Secret('pa ssä');
const signal = AbortSignal.timeout(60_000);
const stack = new AsyncDisposableStack();
let files: { readonly certificate: string; readonly key: string };
let ca: string;

before(async () => {
  const { path } = stack.use(await temporaryFolder());
  files = { certificate: join(path, 'cert.pem'), key: join(path, 'key.pem') };
  const subject = [
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
  ];
  const out = ['-keyout', files.key, '-out', files.certificate];
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  execFileSync('openssl', [...words, ...out, '-days', '2', ...subject], { stdio: 'ignore' });
  ca = await readFile(files.certificate, 'utf8');
});
after(() => stack.disposeAsync());

function settingsFor(port: number, more: Partial<MailSettings> = {}): MailSettings {
  return {
    host: '127.0.0.1',
    port,
    security: 'none',
    user: '',
    from: 'coldframe@example.org',
    to: ['ops@example.org', 'eva@example.org'],
    rule: 'always',
    ...more,
  };
}

it('sends a notice in plain text, a hostile title in one line', async () => {
  await using server = await startSmtpServer({ kind: 'plain' });
  const send = mailer({ settings: settingsFor(server.port), password: undefined, host: 'cf1' });
  await send(
    sampleNotice({ title: 'Back up x\r\nBcc: evil@example.org\r\n\r\nhi failed' }),
    signal,
  );
  const mail = await server.next();
  assert.deepEqual(mail.to, ['ops@example.org', 'eva@example.org']);
  assert.equal(mail.from, 'coldframe@example.org');
  const [head = '', body = ''] = mail.data.split(/\r?\n\r?\n/, 2);
  assert.match(head, /^Subject: \[coldframe cf1\] Back up x Bcc: evil@example\.org hi failed/m);
  assert.doesNotMatch(head, /^Bcc:/m);
  assert.match(head, /^Auto-Submitted: auto-generated/m);
  assert.match(head, /^Message-ID: <n1@coldframe\.cf1>/im);
  assert.match(head, /^Date: Sat, 02 Jan 2027 03:04:05/m);
  assert.match(body, /The datastore is full\./);
});

for (const kind of ['starttls', 'tls'] as const satisfies readonly SmtpOptions['kind'][])
  it(`signs in over ${kind} to a server whose certificate it can trust`, async () => {
    await using server = await startSmtpServer({ kind, ...files });
    const settings = settingsFor(server.port, { security: kind, user: 'backup' });
    await mailer({ settings, password, host: 'cf1', ca })(sampleNotice(), signal);
    const mail = await server.next();
    assert.deepEqual([mail.tls, mail.user], [true, 'backup']);
    const wrong = mailer({ settings, password: new Secret('guess'), host: 'cf1', ca });
    await assert.rejects(wrong(sampleNotice(), signal), /did not take the mail/);
    const untrusted = mailer({ settings, password, host: 'cf1' });
    await assert.rejects(untrusted(sampleNotice(), signal), /did not take the mail.*self-signed/);
  });

it('sends no password where TLS was asked for and there is none', async () => {
  await using server = await startSmtpServer({ kind: 'plain' });
  const settings = settingsFor(server.port, { security: 'starttls', user: 'backup' });
  const send = mailer({ settings, password, host: 'cf1', ca });
  await assert.rejects(send(sampleNotice(), signal), (error: Error) => {
    assert.ok(!error.message.includes(password.reveal()));
    return /did not take the mail/.test(error.message);
  });
});
