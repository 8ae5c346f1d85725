import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { temporaryFolder } from '#test/support/temporary-folder.ts';

import { peerPath } from './peer.ts';

export interface Vcsim extends AsyncDisposable {
  /** host:port, over TLS. */
  readonly address: string;
  readonly pid: number;
}

/** govmomi's simulator in a process of its own; arguments as go/vcsim/main.go has them. */
export async function startVcsim(args: readonly string[] = []): Promise<Vcsim> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const child = spawn(peerPath('vcsim'), args, {
    stdio: 'pipe',
    env: { ...process.env, TMPDIR: folder.path },
  });
  const ended = once(child, 'exit');
  let complaints = '';
  child.stderr.on('data', (text: Buffer) => (complaints += text.toString()));
  stack.defer(async () => {
    child.stdin.end(); // it ends with its standard input
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    const [code] = (await ended) as [number | null];
    clearTimeout(timer);
    if (code !== 0) throw new Error(`vcsim ended with ${code}: ${complaints}`);
  });
  const lines = createInterface(child.stdout);
  const [line] = (await Promise.race([once(lines, 'line'), ended.then(() => ['{}'])])) as [string];
  const { address } = JSON.parse(line) as { address?: string };
  if (address === undefined) throw new Error(`vcsim did not come up: ${complaints}`);
  const owned = stack.move();
  return { address, pid: child.pid!, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
