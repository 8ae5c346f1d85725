import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';

import { leftovers, openBench } from './bench.ts';

/** One sentence and what to do, on stderr, with the exit code of its kind. */
function refused(
  result: { readonly code: number; readonly out: string; readonly err: string },
  code: number,
  words: RegExp,
): void {
  assert.match(result.err, words);
  assert.equal(result.code, code, result.err);
  assert.equal(result.out, '');
  assert.doesNotMatch(result.err, /\n {4}at |TypeError|undefined/);
}

it('refuses what is wrong in one clear sentence and changes nothing', async () => {
  await using bench = await openBench();
  const { lab, programs, passwordFile, repositoryRoot, addEndpoint } = bench;
  const cli = (words: readonly string[]) => programs.cli(words);
  const replace = (from: string, to: string): readonly string[] =>
    addEndpoint.map((word) => (word === from ? to : word));
  const wrongPassword = join(programs.folder, 'wrong');
  await writeFile(wrongPassword, 'not-the-password\n');

  refused(await cli(replace(passwordFile, wrongPassword)), 5, /Check user name and password/);
  const otherThumbprint = lab.thumbprintSha256.split(':').toReversed().join(':');
  refused(
    await cli(replace(lab.thumbprintSha256, otherThumbprint)),
    5,
    /not the one that was confirmed/,
  );
  refused(await cli(replace(lab.thumbprintSha256, 'abc')), 2, /SHA-256/);
  refused(await cli(replace(lab.address, '127.0.0.1:1')), 6, /cannot be reached/);
  refused(await cli(replace('lab', '../x')), 2, /"name"/);
  refused(
    await cli(replace(passwordFile, '/nowhere')),
    2,
    /password file \/nowhere cannot be read/,
  );
  assert.deepEqual(await programs.json(['endpoint', 'list']), []);

  refused(await cli(['vm', 'list']), 4, /no endpoint yet\. Add one/);
  assert.equal((await cli(addEndpoint)).code, 0);
  refused(await cli(addEndpoint), 2, /already a.* "lab"/);

  refused(await cli(['backup', 'run', 'demo-app']), 4, /no repository yet/);
  refused(await cli(['repository', 'add', 'main', '/nonexistent']), 1, /does not exist/);
  await writeFile(join(repositoryRoot, 'letter.txt'), 'mine');
  refused(await cli(['repository', 'add', 'main', repositoryRoot]), 1, /not empty/);
  await rm(join(repositoryRoot, 'letter.txt'));
  assert.equal((await cli(['repository', 'add', 'main', repositoryRoot])).code, 0);

  refused(await cli(['backup', 'run', 'no-such-vm']), 4, /no VM "no-such-vm" on lab/);
  refused(await cli(['backup', 'run', 'demo-app', '--repository', 'x']), 4, /no repository "x"/);
  refused(await cli(['backup', 'run', 'demo-app', '--level', '20']), 2, /compressLevel/);
  refused(await cli(['backup', 'run', 'demo-app', '--transport', 'x']), 2, /transports/);
  refused(await cli(['restore', 'x', '--new-name', 'y']), 4, /no restore point "x"/);
  refused(await cli(['verify', 'x']), 4, /no restore point "x"/);
  refused(await cli(['run', 'show', 'x']), 4, /no run "x"/);
  refused(await cli(['run', 'cancel', 'x']), 4, /no run x/);
  refused(await cli(['vddk', 'install', '/nowhere.tar.gz']), 2, /cannot be read/);
  assert.deepEqual(await programs.json(['run', 'list']), []);

  const [marker] = await readdir(repositoryRoot);
  await rm(join(repositoryRoot, marker!));
  const unmarked = await cli(['repository', 'check', 'main']);
  refused(unmarked, 1, /marker/);
  const listed = await cli(['repository', 'list']);
  assert.equal(listed.code, 3);
  assert.match(listed.out, /unusable/);
  const status = await cli(['service', 'status']);
  assert.equal(status.code, 3);
  assert.match(status.out, /repository main\s+bad/);

  assert.deepEqual(await leftovers(lab), []);
  assert.deepEqual(await readdir(repositoryRoot), []);
});
