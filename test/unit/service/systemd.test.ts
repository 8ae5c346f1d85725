import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { it } from 'node:test';

import { createServiceLog } from '#service/log/logger.ts';
import { SecretMask } from '#service/log/secret-mask.ts';
import { connectSystemd } from '#service/systemd.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

/** Node has no datagram sockets of the Unix kind: Python listens in the service manager's place. */
const listener = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(repr(s.recv(4096).decode()), flush=True)
`;

interface Manager extends AsyncDisposable {
  /** Waits until the manager was told something that contains `text`. */
  told(text: string): Promise<void>;
  readonly messages: () => string;
}

async function startManager(path: string): Promise<Manager> {
  const child = spawn('python3', ['-c', listener, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let messages = '';
  child.stdout.on('data', (part: Buffer) => (messages += part.toString()));
  const told = async (text: string): Promise<void> => {
    while (!messages.includes(text)) await once(child.stdout, 'data');
  };
  await told('listening');
  return {
    told,
    messages: () => messages,
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

it('tells systemd when it is ready, how it is, that it lives and that it stops', async (t) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'notify');
  await using manager = await startManager(path);
  process.env['NOTIFY_SOCKET'] = path;
  t.after(() => delete process.env['NOTIFY_SOCKET']);
  const stream = new PassThrough();
  const log = createServiceLog({ level: 'info', journald: false, mask: new SecretMask(), stream });
  let healthy = true;
  using systemd = connectSystemd({ watchdogMs: 100, healthy: async () => healthy, log });
  await systemd.ready('Undoing.');
  await manager.told('READY=1');
  await manager.told('STATUS=Undoing.');
  await systemd.status('Ready.');
  await manager.told('STATUS=Ready.');
  await manager.told('WATCHDOG=1');
  assert.equal(stream.read(), null);
  healthy = false;
  while (!String(stream.read() ?? '').includes('watchdog is not fed'))
    await new Promise((resolve) => setTimeout(resolve, 10));
  await systemd.stopping();
  await manager.told('STOPPING=1');
});

it('goes on when systemd cannot be told', async (t) => {
  process.env['NOTIFY_SOCKET'] = '/nonexistent/notify';
  t.after(() => delete process.env['NOTIFY_SOCKET']);
  const stream = new PassThrough();
  const log = createServiceLog({ level: 'info', journald: false, mask: new SecretMask(), stream });
  using systemd = connectSystemd({ healthy: async () => true, log });
  await systemd.stopping();
  assert.match(String(stream.read()), /systemd could not be told/);
});
