import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';

import { loadConfig } from '#service/config.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

it('has defaults that fit the appliance', () => {
  const config = loadConfig({}, {});
  assert.equal(config.dataDir, '/var/lib/coldframe');
  assert.equal(config.http.socket, '/var/lib/coldframe/coldframe.sock');
  assert.equal(config.http.port, undefined);
  assert.equal(config.sysfsRoot, '/');
  assert.equal(config.journald, false);
  assert.equal(config.systemd, undefined);
});

it('lets options win over the environment, and the environment over the file', async () => {
  await using folder = await temporaryFolder();
  const configFile = join(folder.path, 'config.json');
  await writeFile(
    configFile,
    JSON.stringify({ dataDir: '/file', tasks: 3, logLevel: 'warn', http: { port: 1000 } }),
  );
  const environment = { COLDFRAME_DATA_DIR: '/environment', COLDFRAME_HTTP_PORT: '2000' };
  const config = loadConfig({ configFile }, environment);
  assert.equal(config.dataDir, '/environment');
  assert.equal(config.http.port, 2000);
  assert.equal(config.http.host, '127.0.0.1');
  assert.equal(config.tasks, 3);
  assert.equal(config.logLevel, 'warn');
  assert.equal(loadConfig({ configFile, dataDir: '/option' }, environment).dataDir, '/option');
});

it('hears what systemd says', () => {
  const config = loadConfig(
    {},
    {
      NOTIFY_SOCKET: '/run/systemd/notify',
      WATCHDOG_USEC: '60000000',
      JOURNAL_STREAM: '8:1',
      CREDENTIALS_DIRECTORY: '/run/credentials/coldframe.service',
    },
  );
  assert.deepEqual(config.systemd, { watchdogMs: 60_000 });
  assert.equal(config.journald, true);
  assert.equal(config.credentialsDirectory, '/run/credentials/coldframe.service');
});

const wrong: readonly (readonly [string, object | string, RegExp])[] = [
  ['an unknown setting', { dataDri: '/x' }, /dataDri/],
  ['a port that is none', { http: { port: 70_000 } }, /"http\.port"/],
  ['an address that others reach', { http: { host: '0.0.0.0' } }, /loopback/],
  ['a relative root for /sys', { sysfsRoot: 'sys' }, /absolute/],
  ['text that is no JSON', '{', /not JSON/],
  ['JSON that is no object', '[]', /one JSON object/],
];
for (const [what, content, words] of wrong)
  it(`refuses ${what} and names it`, async () => {
    await using folder = await temporaryFolder();
    const configFile = join(folder.path, 'config.json');
    await writeFile(configFile, typeof content === 'string' ? content : JSON.stringify(content));
    assert.throws(() => loadConfig({ configFile }, {}), words);
  });

it('says so when the file is not there', () => {
  assert.throws(() => loadConfig({ configFile: '/nowhere/config.json' }, {}), /cannot be read/);
});
