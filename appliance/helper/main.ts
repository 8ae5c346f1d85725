/** The privileged helper: systemd starts one for each connection to its socket, which is its input and output. */
import { createInterface } from 'node:readline';
import { toErrorRecord } from '#core/error.ts';
import { answer, requirePeer } from './answer.ts';
import { run } from './run.ts';

const serviceUid = 900;
const longestRequest = 16 * 1024;

process.stdout.write(await serve(process.argv[2] ?? ''));
// What the peer still sends is nobody's.
process.stdin.destroy();

async function serve(instance: string): Promise<string> {
  try {
    requirePeer(instance, serviceUid);
  } catch (error) {
    return `${JSON.stringify({ error: toErrorRecord(error) })}\n`;
  }
  const line = await firstLine();
  process.stderr.write(`${instance}: ${line.slice(0, 400)}\n`);
  const reply = await answer(line, { run, root: '/', clock: { now: () => Date.now() } });
  process.stderr.write(`${instance}: ${reply.slice(0, 400)}`);
  return reply;
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin }))
    return line.slice(0, longestRequest);
  return '';
}
