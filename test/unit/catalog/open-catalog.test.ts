import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';

import { Level } from 'level';

import { openCatalog } from '#catalog/open-catalog.ts';
import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { countingIds, testClock } from '#test/support/test-clock.ts';

import { openTemporary } from './open-temporary.ts';

const endpoint = { id: 'e1', name: 'lab', address: 'vc.example', user: 'backup' };

function options(dataDir: string, credentialsDirectory?: string) {
  const common = { dataDir, clock: testClock(), ids: countingIds() };
  return credentialsDirectory === undefined ? common : { ...common, credentialsDirectory };
}

function refusal(code: string, words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ColdframeError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  };
}

it('says that another service is running when the database is locked', async () => {
  await using made = await openTemporary();
  await assert.rejects(
    openCatalog(options(made.dataDir)),
    refusal('busy', /Another coldframe service/),
  );
});

it('refuses a catalog of a newer version and changes nothing in it', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'catalog');
  await mkdir(path);
  const write = new Level(path);
  await write.sublevel('version').put('catalog', '99');
  await write.close();
  await assert.rejects(
    openCatalog(options(folder.path)),
    refusal('invalid-input', /newer coldframe/),
  );
  const read = new Level(path);
  assert.equal(await read.sublevel('version').get('catalog'), '99');
  assert.equal(await read.sublevel('settings').get('applianceId'), undefined);
  await read.close();
});

it('makes the data folder and the key for their owner alone', async () => {
  await using folder = await temporaryFolder();
  const dataDir = join(folder.path, 'new', 'data');
  await using _catalog = await openCatalog(options(dataDir));
  assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
  assert.equal((await stat(join(dataDir, 'secret.key'))).mode & 0o777, 0o600);
});

it('says what to do when the data folder cannot be made', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'file');
  await writeFile(file, '');
  await assert.rejects(openCatalog(options(join(file, 'data'))), refusal('io', /--data-dir/));
});

it('keeps passwords unreadable on disk and readable for us, over a restart', async () => {
  await using made = await openTemporary();
  await made.catalog.saveEndpoint(endpoint, new Secret('Tr0ub4dor&3-planted'));
  const again = await made.reopen();
  assert.equal((await again.unlockEndpoint('e1')).password.reveal(), 'Tr0ub4dor&3-planted');
  await again.saveEndpoint({ ...endpoint, name: 'renamed' });
  assert.equal((await again.unlockEndpoint('e1')).password.reveal(), 'Tr0ub4dor&3-planted');
  for (const name of await readdir(join(made.dataDir, 'catalog'))) {
    const bytes = await readFile(join(made.dataDir, 'catalog', name));
    assert.ok(!bytes.includes('Tr0ub4dor'), `${name} holds the password`);
  }
});

it('forgets the password with the endpoint', async () => {
  await using made = await openTemporary();
  await made.catalog.saveEndpoint(endpoint, new Secret('pass'));
  await made.catalog.removeEndpoint('e1');
  assert.deepEqual(await made.catalog.listEndpoints(), []);
  await assert.rejects(made.catalog.unlockEndpoint('e1'), refusal('not-found', /endpoint list/));
});

it('refuses a key that others can read', async () => {
  await using folder = await temporaryFolder();
  await (await openCatalog(options(folder.path)))[Symbol.asyncDispose]();
  await chmod(join(folder.path, 'secret.key'), 0o644);
  await assert.rejects(openCatalog(options(folder.path)), refusal('invalid-input', /chmod 600/));
});

it('says which key is needed when the key is another one', async () => {
  await using folder = await temporaryFolder();
  {
    await using catalog = await openCatalog(options(folder.path));
    await catalog.saveEndpoint(endpoint, new Secret('pass'));
  }
  await writeFile(join(folder.path, 'secret.key'), 'ab'.repeat(32));
  await using catalog = await openCatalog(options(folder.path));
  assert.deepEqual(await catalog.listEndpoints(), [endpoint]);
  await assert.rejects(catalog.unlockEndpoint('e1'), refusal('invalid-input', /secret\.key/));
});

it("takes the key from systemd's credentials when there is one", async () => {
  await using folder = await temporaryFolder();
  const credentials = join(folder.path, 'credentials');
  await mkdir(credentials);
  await writeFile(join(credentials, 'coldframe.secret-key'), `${'12'.repeat(32)}\n`);
  const dataDir = join(folder.path, 'data');
  await using catalog = await openCatalog(options(dataDir, credentials));
  await catalog.saveEndpoint(endpoint, new Secret('pass'));
  assert.equal((await catalog.unlockEndpoint('e1')).password.reveal(), 'pass');
  assert.ok(!(await readdir(dataDir)).includes('secret.key'));
});

it('names the entry that it cannot read', async () => {
  await using folder = await temporaryFolder();
  await (await openCatalog(options(folder.path)))[Symbol.asyncDispose]();
  const level = new Level(join(folder.path, 'catalog'));
  await level.sublevel('endpoints').put('e1', '{"id":"e1","name":7}');
  await level.close();
  await using catalog = await openCatalog(options(folder.path));
  await assert.rejects(catalog.listEndpoints(), refusal('internal', /endpoints\/e1/));
});
