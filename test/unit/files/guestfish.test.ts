import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { Guestfish } from '#files/guestfish.ts';
import { systemClock } from '#service/system-clock.ts';
import { temporaryFolder, type TemporaryFolder } from '#test/support/temporary-folder.ts';

const { signal } = new AbortController();

/** Reads lines as guestfish does, in its own order of answers and errors. */
const script = `#!/bin/sh
echo "$@" > "$TMPDIR/words"
env > "$TMPDIR/env"
while read -r line; do
  case $line in
    'echo '*) echo "\${line#echo }" ;;
    -run) ;;
    -slow*) sleep 0.2; echo slow ;;
    -lines*) printf 'one\\ntwo\\n' ;;
    -bad*) echo '*stdin*:7: libguestfs: error: bad: No such file or directory' >&2 ;;
    -die*) echo 'libguestfs: error: appliance closed the connection' >&2; exit 1 ;;
  esac
done
`;

async function fake(dir: TemporaryFolder): Promise<Guestfish> {
  const program = dir.join('fake-guestfish');
  await writeFile(program, script);
  await chmod(program, 0o755);
  return Guestfish.start({
    clock: systemClock,
    exports: ['scsi0-0', 'odd name'],
    socket: '/run/nbd.sock',
    folder: dir.path,
    signal,
    program,
  });
}

test('answers belong to their commands, also when many are asked at once', async () => {
  await using dir = await temporaryFolder();
  await using guestfish = await fake(dir);
  const answers = await Promise.allSettled([
    guestfish.run(['slow']),
    guestfish.run(['lines', 'x']),
    guestfish.run(['bad']),
    guestfish.run(['nothing']),
  ]);
  assert.deepEqual(
    answers.map((each) => (each.status === 'fulfilled' ? each.value : String(each.reason))),
    ['slow\n', 'one\ntwo\n', 'ColdframeError: bad: No such file or directory', ''],
  );
});

test('it is started read-only, on the exports in their order, and without virtualisation', async () => {
  await using dir = await temporaryFolder();
  await using guestfish = await fake(dir);
  await guestfish.run(['nothing']);
  assert.equal(
    (await readFile(dir.join('words'), 'utf8')).trim(),
    '--ro --format=raw -a nbd:///scsi0-0?socket=/run/nbd.sock --format=raw -a nbd:///odd%20name?socket=/run/nbd.sock',
  );
  assert.match(await readFile(dir.join('env'), 'utf8'), /^LIBGUESTFS_BACKEND_SETTINGS=force_tcg$/m);
});

test('its death fails what is asked and what will be, in its own words', async () => {
  await using dir = await temporaryFolder();
  await using guestfish = await fake(dir);
  const dying = guestfish.run(['die']);
  await assert.rejects(dying, { code: 'process-died', message: /closed the connection/ });
  await assert.rejects(guestfish.run(['lines']), { code: 'process-died' });
});

test('one that nobody waits for any more does not shift the answers', async () => {
  await using dir = await temporaryFolder();
  await using guestfish = await fake(dir);
  await assert.rejects(guestfish.run(['slow'], { ms: 20 }), { code: 'timeout' });
  assert.equal(await guestfish.run(['lines']), 'one\ntwo\n');
});

test('where it is not installed, the packages are named', async () => {
  await using dir = await temporaryFolder();
  const starting = Guestfish.start({
    clock: systemClock,
    exports: [],
    socket: '/run/nbd.sock',
    folder: dir.path,
    signal,
    program: dir.join('nobody'),
  });
  await assert.rejects(starting, { code: 'invalid-input', message: /guestfish/ });
});
