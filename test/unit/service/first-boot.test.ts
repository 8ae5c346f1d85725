import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { takeOverFirstBoot } from '#service/first-boot.ts';
import type { ServiceLog } from '#service/log/logger.ts';

describe('taking over what the first boot left', () => {
  let dataDir = '';
  let hash: string | undefined;
  let warnings = 0;
  const log = {
    log: (level: string) => (warnings += level === 'warn' ? 1 : 0),
  } as unknown as ServiceLog;
  const passwords = {
    adminPasswordHash: async () => hash,
    setAdminPasswordHash: async (next: string) => void (hash = next),
  };
  const file = () => join(dataDir, 'first-boot.json');
  const take = () => takeOverFirstBoot({ dataDir, passwords, log });

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'coldframe-first-boot-'));
    hash = undefined;
    warnings = 0;
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  test('nothing there, nothing done', async () => {
    await take();
    assert.equal(hash, undefined);
  });

  test('takes the hash and removes the file', async () => {
    await writeFile(file(), '{"version":1,"adminPasswordHash":"scrypt$given"}');
    await take();
    assert.equal(hash, 'scrypt$given');
    assert.deepEqual(await readdir(dataDir), []);
  });

  test('keeps the rest for later, for the owner only', async () => {
    await writeFile(file(), '{"version":1,"adminPasswordHash":"scrypt$given","endpoint":"vc"}');
    await take();
    assert.deepEqual(JSON.parse(await readFile(file(), 'utf8')), { version: 1, endpoint: 'vc' });
    assert.equal((await stat(file())).mode & 0o777, 0o600);
    await take();
    assert.deepEqual(await readdir(dataDir), ['first-boot.json']);
  });

  test('a password that is set already wins', async () => {
    hash = 'scrypt$old';
    await writeFile(file(), '{"version":1,"adminPasswordHash":"scrypt$given"}');
    await take();
    assert.equal(hash, 'scrypt$old');
    assert.deepEqual(await readdir(dataDir), []);
  });

  for (const text of ['{', '{"version":2}', '{"version":1,"adminPasswordHash":"plain"}'])
    test(`leaves ${text} alone and warns`, async () => {
      await writeFile(file(), text);
      await take();
      assert.equal(hash, undefined);
      assert.equal(warnings, 1);
      assert.equal(await readFile(file(), 'utf8'), text);
    });
});
