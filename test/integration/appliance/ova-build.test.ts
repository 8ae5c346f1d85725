import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { seededRandom } from '#test/support/random.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../../../ova-build.sh');
const members = [
  'coldframe-9.8.7.ovf',
  'coldframe-9.8.7.mf',
  'coldframe-9.8.7-disk1.vmdk',
  'coldframe-9.8.7-disk2.vmdk',
];

describe('ova-build.sh', () => {
  let folder = '';
  let image = '';
  let ova = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coldframe-ova-'));
    image = join(folder, 'image.raw');
    ova = join(folder, 'result.ova');
    await using raw = await open(image, 'w');
    await raw.truncate(96 * 2 ** 20);
    const data = Buffer.alloc(300_000);
    seededRandom(7).fill(data);
    await raw.write(data, 0, data.length, 50 * 2 ** 20 + 511);
    await run(script, [image, '9.8.7', ova, '--data-gib', '3', '--level', '1']);
  });
  after(() => rm(folder, { recursive: true }));

  test('packs ustar members in the order importers expect, without owner or time', async () => {
    const { stdout } = await run('tar', ['--list', '--verbose', '--utc', '--file', ova]);
    const lines = stdout.trim().split('\n');
    assert.deepEqual(
      lines.map((line) => line.split(' ').at(-1)),
      members,
    );
    for (const line of lines) assert.match(line, /^-rw-r--r-- 0\/0 .* 1970-01-01 00:00 /);
    await using file = await open(ova);
    const { buffer } = await file.read(Buffer.alloc(512), 0, 512, 0);
    assert.equal(buffer.toString('latin1', 257, 265), 'ustar\x0000');
  });

  test('its manifest, sizes and disks are true', async () => {
    await run('tar', ['--extract', '--file', ova, '--directory', folder]);
    const manifest = await readFile(join(folder, members[1]!), 'utf8');
    const ovf = await readFile(join(folder, members[0]!), 'utf8');
    const covered: string[] = [];
    for (const line of manifest.trimEnd().split('\n')) {
      const [, name = '', digest] = /^SHA256\((.+)\)= ([0-9a-f]{64})$/.exec(line) ?? [];
      const bytes = await readFile(join(folder, name));
      assert.equal(createHash('sha256').update(bytes).digest('hex'), digest, name);
      if (name.endsWith('.vmdk'))
        assert.match(ovf, new RegExp(`href="${name}" [^>]*size="${bytes.length}"`));
      covered.push(name);
    }
    assert.deepEqual(covered, [members[0], members[2], members[3]]);
    const system = join(folder, members[2]!);
    const compared = await run('qemu-img', ['compare', '-F', 'vmdk', '-f', 'raw', image, system]);
    assert.match(compared.stdout, /identical/);
    const info = await run('qemu-img', ['info', '--output=json', join(folder, members[3]!)]);
    const { 'virtual-size': size } = JSON.parse(info.stdout) as { 'virtual-size': number };
    assert.equal(size, 3 * 2 ** 30);
    assert.match(ovf, /capacity="3221225472"/);
  });

  test('the same input gives the same file', async () => {
    const again = join(folder, 'again.ova');
    await run(script, [image, '9.8.7', again, '--data-gib', '3', '--level', '1']);
    assert.ok((await readFile(again)).equals(await readFile(ova)));
  });

  test('a signature goes after the manifest and verifies', async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=test', '-newkey', 'rsa:2048', '-nodes'];
    await run('openssl', ['req', '-x509', ...subject, '-keyout', key, '-out', cert]);
    const signed = join(folder, 'signed.ova');
    await run(script, [image, '9.8.7', signed, '--sign', key, cert, '--level', '1']);
    const { stdout } = await run('tar', ['--list', '--file', signed]);
    assert.deepEqual(stdout.trim().split('\n').slice(0, 3), [
      members[0],
      members[1],
      'coldframe-9.8.7.cert',
    ]);
    await run('tar', ['--extract', '--file', signed, '--directory', folder]);
    const text = await readFile(join(folder, 'coldframe-9.8.7.cert'), 'utf8');
    const [, hex = ''] =
      /^SHA256\(coldframe-9\.8\.7\.mf\)= ([0-9a-f]+)\n-----BEGIN/.exec(text) ?? [];
    const { createVerify, X509Certificate } = await import('node:crypto');
    const verifier = createVerify('sha256').update(await readFile(join(folder, members[1]!)));
    assert.ok(
      verifier.verify(new X509Certificate(text.slice(text.indexOf('-----'))).publicKey, hex, 'hex'),
    );
  });

  test('wrong input is named, and nothing is left behind', async () => {
    const inner = await mkdtemp(join(folder, 'wrong-'));
    const result = join(inner, 'x.ova');
    await assert.rejects(run(script, [join(inner, 'absent.raw'), '1', result]), /absent\.raw/);
    await assert.rejects(run(script, [image, '../1', result]), /is no version/);
    await assert.rejects(run(script, [image, '1', result, '--data-gib', '0']), /--data-gib/);
    await assert.rejects(run(script, [image]), /ova-build\.sh IMAGE\.raw/);
    assert.deepEqual(await readdir(inner), []);
  });
});
