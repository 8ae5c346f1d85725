import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../src/cli/coldframe', import.meta.url));

export interface NbdProcess extends AsyncDisposable {
  readonly uris: ReadonlyMap<string, string>;
  /** Everything that it said on standard error. */
  readonly said: () => string;
  /** Interrupts it; its exit code. */
  end(): Promise<number | null>;
}

/** `coldframe nbd …` or `coldframe tool nbd …` in a process of its own, once it serves. */
export async function startNbd(
  words: readonly string[],
  dataDir = '/nonexistent/coldframe',
): Promise<NbdProcess> {
  const child = spawn(program, [...words, '--json'], {
    env: { PATH: process.env['PATH'] ?? '', COLDFRAME_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const end = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
    await exited;
    return child.exitCode;
  };
  const first = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(() => [undefined]),
  ])) as [string | undefined];
  if (first[0] === undefined) throw new Error(`nbd ended: ${said}`);
  const { exports } = JSON.parse(first[0]) as { exports: { name: string; uri: string }[] };
  return {
    uris: new Map(exports.map(({ name, uri }) => [name, uri])),
    said: () => said,
    end,
    [Symbol.asyncDispose]: async () => void (await end()),
  };
}
