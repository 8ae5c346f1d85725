import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { menu } from '#appliance/console/menu.ts';
import { ColdframeError } from '#core/error.ts';
import type { HelperInput, HelperVerb } from '#core/helper.ts';
import { testScreen } from './screen.ts';

interface Asked {
  readonly verb: HelperVerb;
  readonly input: HelperInput<HelperVerb>;
}

/** Types at the menu until it is left; what was asked of helper and system. */
async function at(typed: string, refuse?: ColdframeError) {
  const screen = testScreen();
  const asked: Asked[] = [];
  const ran: string[] = [];
  const dataDir = await mkdtemp(join(tmpdir(), 'coldframe-console-'));
  // The last key leaves, as does the time.
  screen.type(typed);
  const texts: string[] = [];
  const show = screen.terminal.show.bind(screen.terminal);
  screen.terminal.show = (page, again) => {
    texts.push(page.lines.join('\n'));
    show(page, again);
  };
  try {
    await menu({
      terminal: screen.terminal,
      dataDir,
      run: async (command) => {
        ran.push(command.join(' '));
        return '/home/admin/bundle.tar.gz\n';
      },
      helper: {
        ask: async (verb, input) => {
          asked.push({ verb, input });
          if (refuse !== undefined) throw refuse;
          return { applied: true } as never;
        },
      },
    });
  } finally {
    await rm(dataDir, { recursive: true });
  }
  return { asked, ran, last: texts.at(-1) ?? '', sent: screen.sent() };
}

test('sets a fixed address, or DHCP, after a confirmation', async () => {
  const fixed = await at(
    '1192.0.2.10/24\r192.0.2.1\r192.0.2.53, 192.0.2.54\rexample.com\rbkp1\ryes\rq',
  );
  assert.deepEqual(fixed.asked, [
    {
      verb: 'set-network',
      input: {
        hostname: 'bkp1',
        fixed: { address: '192.0.2.10/24', gateway: '192.0.2.1' },
        dns: ['192.0.2.53', '192.0.2.54'],
        search: ['example.com'],
      },
    },
  ]);
  const dhcp = await at('1\r\r\r\ryes\rq');
  assert.deepEqual(dhcp.asked, [{ verb: 'set-network', input: { dns: [], search: [] } }]);
  for (const left of ['1\u001Bq', '1192.0.2.10/24\r\u001Bq', '1\r\r\r\rno\rq'])
    assert.deepEqual((await at(left)).asked, []);
});

test('says what was refused, and stays', async () => {
  const refusal = new ColdframeError('invalid-input', 'Nothing was changed: dns is wrong.');
  const { asked, last } = await at('2ntp.example\rq', refusal);
  assert.deepEqual(asked, [{ verb: 'set-time-servers', input: { servers: ['ntp.example'] } }]);
  assert.match(last, /Not done\. Nothing was changed: dns is wrong\./);
});

test('makes a new certificate and restarts the service, after a confirmation', async () => {
  const { asked, ran } = await at('4yes\rq');
  assert.match(ran[0] ?? '', /^rm -f .*tls\/server\.crt .*tls\/server\.key$/);
  assert.deepEqual(asked, [{ verb: 'power', input: { action: 'restart-service' } }]);
  assert.deepEqual((await at('4no\r5no\rq')).asked, []);
});

test('a factory reset takes more than a slip of the finger', async () => {
  assert.deepEqual((await at('8yes\r8\u001B8reset\rq')).ran, []);
  assert.deepEqual((await at('8RESET\rq')).ran, ['/usr/lib/coldframe/factory-reset']);
});

test('restarts, switches off, packs a bundle; passwords that differ change nothing', async () => {
  assert.deepEqual((await at('9o\rq')).asked, [{ verb: 'power', input: { action: 'off' } }]);
  assert.deepEqual((await at('9x\rq')).asked, []);
  assert.match((await at('7q')).last, /Written: \/home\/admin\/bundle\.tar\.gz/);
  const differ = await at('3one password\rother password\rq');
  assert.match(differ.last, /The two differ/);
  assert.doesNotMatch(differ.sent, /one password/);
});
