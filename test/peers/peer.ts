import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../.cache/peers/', import.meta.url));

/** Where the set-up has put a program. A test that needs it fails without it; it does not skip. */
export function peerPath(name: string): string {
  const path = `${folder}${name}`;
  if (!existsSync(path)) throw new Error(`${name} is missing: run "sh .ci/setup.sh test" first`);
  return path;
}

export interface PeerOutput {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PeerRun {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly timeoutMs?: number;
}

/** Runs a program of the set-up to its end. */
export async function runPeer(name: string, run: PeerRun): Promise<PeerOutput> {
  const { args, env = {}, stdin = '', timeoutMs = 60_000 } = run;
  const child = spawn(peerPath(name), args, {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const output = Promise.all([text(child, 'stdout'), text(child, 'stderr')]);
  child.stdin.on('error', () => undefined); // one that does not read its input
  child.stdin.end(stdin);
  const [code] = (await once(child, 'close')) as [number | null];
  const [stdout, stderr] = await output;
  return { code, stdout, stderr };
}

async function text(child: ChildProcess, name: 'stdout' | 'stderr'): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of child[name]!) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
