import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import type { LabAddress } from '#test/lab/control/lab-control.ts';
import { remoteControl } from '#test/lab/control/remote-control.ts';
import { startLab } from '#test/lab/lab.ts';
import { makeCertificate } from '#test/lab/server/certificate.ts';
import { demoScenario } from '#test/lab/scenario.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { demoVm, smallLab } from './lab-fixture.ts';
import { SoapClient } from './soap-client.ts';

const run = promisify(execFile);
const program = new URL('../../lab/main.ts', import.meta.url).pathname;

test('the program prints where it is, is controlled from outside and ends with its stdin', async () => {
  await using folder = await temporaryFolder();
  const files = join(folder.path, 'files');
  await mkdir(files);
  await writeFile(join(files, 'hello'), 'hello');
  const config = join(folder.path, 'config.json');
  const scenario = demoScenario({ systemBytes: 2 ** 24, dataBytes: 2 ** 22, files });
  await writeFile(config, JSON.stringify({ scenario, taskMs: 3 }));
  const args = [program, '--dir', join(folder.path, 'lab'), '--config', config];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const lab = JSON.parse(line) as LabAddress & { pid: number };
    assert.equal(lab.pid, child.pid);
    await SoapClient.login(lab);
    const control = remoteControl(lab.controlUrl);
    const { vms } = await control.state();
    assert.deepEqual(
      vms.map((vm) => vm.name),
      ['coldframe', 'demo-app'],
    );
    assert.equal((await control.counters())['Login'], 1);
    await assert.rejects(control.power({ vm: 'nobody', on: true }), /no VM nobody/);
    assert.ok(existsSync(lab.vddkMap));
  } finally {
    child.stdin.end();
  }
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
});

test('every control method is served by name, and nothing else', async () => {
  await using lab = await smallLab();
  const control = remoteControl(lab.controlUrl);
  const { moref, data } = await demoVm(lab);
  await control.writeGuest({
    vm: moref,
    key: data,
    offset: 512,
    base64: Buffer.from('abc').toString('base64'),
  });
  const read = await control.readGuest({ vm: 'demo-app', key: data, offset: 512, length: 3 });
  assert.equal(Buffer.from(read.base64, 'base64').toString(), 'abc');
  const response = await fetch(`${lab.controlUrl}/constructor`, { method: 'POST' });
  assert.equal(response.status, 400);
});

test('the system disk is a real ext4 file system, and stays one under the guest writer', async () => {
  await using folder = await temporaryFolder();
  const files = join(folder.path, 'files');
  await mkdir(join(files, 'sub'), { recursive: true });
  for (let i = 0; i < 20; i++)
    await writeFile(join(files, i % 2 ? 'sub' : '.', `f${i}`), `${i}`.repeat(5000));
  const scenario = demoScenario({ systemBytes: 2 ** 25, dataBytes: 2 ** 22, files });
  await using lab = await startLab({ dir: join(folder.path, 'lab'), scenario, taskMs: 3 });
  const { moref, system } = await demoVm(lab);
  await lab.startGuestWriter({ vm: moref, bytesPerSecond: 8_000_000, seed: 5 });
  await new Promise((resolve) => setTimeout(resolve, 150));
  const { writtenBytes } = await lab.stopGuestWriter({ vm: moref });
  assert.ok(writtenBytes > 100_000);
  const image = join(folder.path, 'image');
  await lab.copyDisk({ vm: moref, key: system, to: image });
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  await run('e2fsck', ['-fn', image], { env });
  const { stdout } = await run('debugfs', ['-R', 'cat /files/sub/f3', image], { env });
  assert.equal(stdout, '3'.repeat(5000));
});

test('the certificate is what it says, for localhost and 127.0.0.1', async () => {
  const made = makeCertificate();
  const read = new X509Certificate(made.cert);
  assert.equal(read.fingerprint, made.sha1);
  assert.equal(read.fingerprint256, made.sha256);
  assert.equal(read.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(read.checkHost('localhost'), 'localhost');
  assert.ok(read.verify(read.publicKey));
});

test('the endpoint presents the certificate that the lab announces', async () => {
  await using lab = await smallLab();
  const socket = connect({
    host: '127.0.0.1',
    port: Number(new URL(lab.url).port),
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const { fingerprint, fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  assert.equal(fingerprint, lab.thumbprintSha1);
  assert.equal(fingerprint256, lab.thumbprintSha256);
});
