import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface TakenMail {
  readonly tls: boolean;
  readonly user: string | null;
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
}

export interface SmtpServer extends AsyncDisposable {
  readonly port: number;
  /** The next mail that it has taken. */
  next(): Promise<TakenMail>;
}

export interface SmtpOptions {
  readonly kind: 'plain' | 'starttls' | 'tls';
  /** Files in PEM; not for `plain`. */
  readonly certificate?: string;
  readonly key?: string;
}

/** Debian's aiosmtpd as a process of its own; with TLS it wants user "backup", password "pa ssä". */
export async function startSmtpServer(options: SmtpOptions): Promise<SmtpServer> {
  const { kind, certificate, key } = options;
  const script = new URL('smtp-server.py', import.meta.url).pathname;
  const files = certificate === undefined || key === undefined ? [] : [certificate, key];
  // Debian's own Python: another one on the PATH does not see Debian's packages.
  const child = spawn('/usr/bin/python3', [script, kind, ...files], {
    // It warns of what the tests do to it on purpose.
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('the SMTP server ended');
    return JSON.parse(line.value);
  };
  const { port } = (await next()) as { readonly port: number };
  return {
    port,
    next: async () => (await next()) as TakenMail,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
