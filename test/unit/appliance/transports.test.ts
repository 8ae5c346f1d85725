import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  findEnvironment,
  replaceGuestinfo,
  type TransportPaths,
} from '#appliance/firstboot/transports.ts';

const document = '<Environment></Environment>\n';

/** The real programs talk to a hypervisor and to the kernel; these stand in their place on PATH. */
describe('finding the OVF environment', () => {
  let folder = '';
  let paths: TransportPaths;
  const pathBefore = process.env['PATH'];

  async function program(name: string, body: string): Promise<void> {
    const file = join(folder, 'bin', name);
    await writeFile(file, `#!/bin/sh\n${body}\n`);
    await chmod(file, 0o755);
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coldframe-transports-'));
    await mkdir(join(folder, 'bin'));
    await mkdir(join(folder, 'run'));
    paths = {
      disc: join(folder, 'disc'),
      firmwareFile: join(folder, 'raw'),
      runDir: join(folder, 'run'),
    };
    process.env['PATH'] = `${join(folder, 'bin')}:/usr/bin:/bin`;
    await program('vmtoolsd', 'echo "No value found"; exit 1');
    await program('mount', 'exit 32');
    await program('umount', `echo "$1" >> ${folder}/unmounted; rm "$1"/*`);
  });
  afterEach(async () => {
    process.env['PATH'] = pathBefore;
    await rm(folder, { recursive: true });
  });

  test('none anywhere', async () => {
    assert.equal(await findEnvironment(paths), undefined);
    assert.deepEqual(await readdir(paths.runDir), []);
  });

  test('guestinfo wins', async () => {
    await program('vmtoolsd', `[ "$2" = 'info-get guestinfo.ovfEnv' ] && printf '${document}'`);
    await writeFile(paths.firmwareFile, 'other');
    assert.deepEqual(await findEnvironment(paths), { transport: 'guestinfo', text: document });
  });

  test('a disc is mounted read-only, read, and unmounted', async () => {
    await program(
      'mount',
      `[ "$*" = "-t iso9660 -o ro,nosuid,nodev,noexec ${paths.disc} $6" ] && printf '${document}' > "$6/ovf-env.xml"`,
    );
    assert.deepEqual(await findEnvironment(paths), { transport: 'iso', text: document });
    assert.match(await readFile(join(folder, 'unmounted'), 'utf8'), /\/run\/ovf-env-/);
    assert.deepEqual(await readdir(paths.runDir), []);
  });

  test('a disc without the document is unmounted too, and the search goes on', async () => {
    await program('mount', 'touch "$6/other"');
    await writeFile(paths.firmwareFile, document);
    assert.deepEqual(await findEnvironment(paths), { transport: 'fw_cfg', text: document });
    assert.deepEqual(await readdir(paths.runDir), []);
  });

  test('vmtoolsd missing altogether', async () => {
    await rm(join(folder, 'bin', 'vmtoolsd'));
    assert.equal(await findEnvironment(paths), undefined);
  });

  test('replaces the guest’s copy in one argument', async () => {
    await program('vmtoolsd', `printf '%s' "$2" > ${folder}/argument`);
    await replaceGuestinfo('<a b="c d"/>');
    assert.equal(
      await readFile(join(folder, 'argument'), 'utf8'),
      'info-set guestinfo.ovfEnv <a b="c d"/>',
    );
  });
});
