/** The console: status for everybody, the rest for administrators. systemd starts one for each terminal and again after its end. */
import { ReadStream } from 'node:tty';
import { toErrorRecord } from '#core/error.ts';
import { createHelper } from '#service/helper-client.ts';
import { run } from '../helper/run.ts';
import { gatherFacts } from './facts.ts';
import { menu, type Desk } from './menu.ts';
import { signIn } from './sign-in.ts';
import { statusPage } from './status.ts';
import { Terminal, wrapped } from './terminal.ts';

const refreshMs = 5000;
/** Messages of the kernel may have been written over the screen. */
const redrawMs = 60_000;
const dataDir = '/var/lib/coldframe';

if (process.stdin instanceof ReadStream) process.stdin.setRawMode(true);
// Its terminal is gone: systemd starts the next.
process.stdin.on('end', () => process.exit(0));
const desk: Desk = {
  terminal: new Terminal(process.stdin, process.stdout),
  helper: createHelper('/run/coldframe-helper.socket'),
  run,
  dataDir,
};
await stay(desk);

async function stay({ terminal, helper }: Desk): Promise<never> {
  let drawnAt = 0;
  for (;;) {
    const again = performance.now() - drawnAt > redrawMs;
    if (again) drawnAt = performance.now();
    terminal.show(statusPage(await gatherFacts(dataDir, run)), again);
    const key = (await terminal.key(refreshMs))?.toLowerCase();
    if (key === undefined) continue;
    drawnAt = 0;
    if (key === 'l') await logIn();
    // Whoever sees the console can switch the machine off anyway.
    if (key === 'r' && (await terminal.confirm('Restart the service?')))
      await told(() => helper.ask('power', { action: 'restart-service' }));
    if (key === 'p') await power();
  }
}

async function logIn(): Promise<void> {
  await told(async () => {
    const right = await signIn(desk.terminal, { dataDir, port: 443 });
    if (right === true) await menu(desk);
    else if (right === false)
      throw new Error('These are not an administrator’s name and password.');
  });
}

async function power(): Promise<void> {
  const answer = await desk.terminal.ask({ label: 'R restart, O switch off the appliance' });
  const action = { r: 'restart', o: 'off' }[answer?.trim().toLowerCase() ?? ''];
  if (action === 'restart' || action === 'off')
    await told(() => desk.helper.ask('power', { action }));
}

/** A failure is shown until somebody has read it. */
async function told(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const lines = ['', ...wrapped(toErrorRecord(error).message)];
    desk.terminal.show({ title: 'Not done', lines, footer: 'Any key' });
    await desk.terminal.key(30_000);
  }
}
