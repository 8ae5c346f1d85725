import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempDisposable, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ColdframeError } from '#core/error.ts';
import { serverCertificate } from '#service/web/certificate.ts';

test('the first start makes a certificate, the next ones keep it', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'coldframe-tls-'));
  const first = await serverCertificate(dir.path);
  const parsed = new X509Certificate(first.cert);
  assert.equal(parsed.checkHost('localhost'), 'localhost');
  assert.equal(parsed.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(first.fingerprint, parsed.fingerprint256);
  assert.equal((await stat(join(dir.path, 'tls', 'server.key'))).mode & 0o777, 0o600);
  assert.equal((await serverCertificate(dir.path)).fingerprint, first.fingerprint);
});

test('a file that is no certificate is named', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'coldframe-tls-'));
  await serverCertificate(dir.path);
  await writeFile(join(dir.path, 'tls', 'server.crt'), 'hello');
  await assert.rejects(serverCertificate(dir.path), (error: unknown) => {
    assert.ok(error instanceof ColdframeError);
    return /server\.crt is not a certificate/.test(error.message);
  });
});
