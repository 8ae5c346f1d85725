import { createTransport } from 'nodemailer';

import { ColdframeError } from '#core/error.ts';
import type { Notice } from '#core/notice.ts';
import type { MailSettings } from '#core/notify-settings.ts';
import type { Secret } from '#core/secret.ts';

import type { Deliver } from './store.ts';

const waitMs = 30_000;

export interface MailOptions {
  readonly settings: MailSettings;
  readonly password: Secret | undefined;
  /** Names the appliance in the subject. */
  readonly host: string;
  /** Certificates of authorities beyond the system's, PEM. */
  readonly ca?: string;
}

/** Plain text mail over SMTP. */
export function mailer(options: MailOptions): Deliver {
  const { settings, password, host, ca } = options;
  const { security, user } = settings;
  return async (notice) => {
    const transport = createTransport({
      host: settings.host,
      port: settings.port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      connectionTimeout: waitMs,
      greetingTimeout: waitMs,
      socketTimeout: waitMs,
      // A notice is text: nothing in it may make the mailer read a file or an address.
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(ca === undefined ? {} : { tls: { ca } }),
      ...(user === '' || password === undefined ? {} : { auth: { user, pass: password.reveal() } }),
    });
    try {
      await transport.sendMail({
        from: settings.from,
        to: [...settings.to],
        subject: `[coldframe ${host}] ${oneLine(notice.title)}`,
        text: `${notice.text}\n\n${new Date(notice.timeMs).toISOString()} · coldframe on ${host}\n`,
        date: new Date(notice.timeMs),
        // The same notice sent again is the same mail.
        messageId: `<${notice.id}@coldframe.${host}>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Coldframe-Severity': notice.severity },
        ...priority(notice),
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ColdframeError(
        'unreachable',
        `The mail server ${settings.host}:${settings.port} did not take the mail: ${reason}`,
        { cause: error },
      );
    } finally {
      transport.close();
    }
  };
}

function priority({ severity }: Notice): { readonly priority?: 'high' } {
  return severity === 'failure' ? { priority: 'high' } : {};
}

/** Names of VMs and jobs are other people's: a header has one line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\u2028\u2029]+/g, ' ').slice(0, 200);
}
