import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const template = join(import.meta.dirname, '../../../packer');

describe('packer validate', () => {
  let folder = '';
  let common: string[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coldframe-packer-'));
    for (const name of ['packages.list', 'rootfs.tar', 'payload.tar.zst', 'base.raw'])
      await writeFile(join(folder, name), '');
    const key = join(folder, 'key');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    common = variables({ parts: folder, ssh_key: key });
  });
  after(() => rm(folder, { recursive: true }));

  function validate(source: string, options: readonly string[]) {
    const environment = {
      ...process.env,
      CHECKPOINT_DISABLE: '1',
      PACKER_CACHE_DIR: join(folder, 'cache'),
    };
    return run(
      'packer',
      ['validate', `-only=${source}.appliance`, ...common, ...options, template],
      {
        env: environment,
      },
    );
  }

  test('qemu', async () => {
    const base = join(folder, 'base.raw');
    await validate('qemu', variables({ base_image: base, output: join(folder, 'out') }));
    await assert.rejects(
      validate('qemu', variables({ base_image: base, output: folder })),
      'an output folder that exists must be refused',
    );
  });

  test('vsphere-iso', async () => {
    const vcenter = {
      vcenter_server: 'vcenter.example',
      vcenter_username: 'packer',
      vcenter_password: 'a long password',
      vcenter_host: 'esxi.example',
      vcenter_datastore: 'datastore1',
      debian_iso: '[iso] debian.iso',
    };
    await validate('vsphere-iso', variables(vcenter));
    await assert.rejects(validate('vsphere-iso', []), 'a missing vCenter must be named');
  });
});

function variables(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-var', `${name}=${value}`]);
}
