import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { ColdframeError } from '#core/error.ts';
import { DiskWorker } from '#transport/native/disk-worker.ts';

import { mixedBytes, startWorker, temporaryFolder } from './disk-fixture.ts';

function isCode(code: string) {
  return (error: unknown) => error instanceof ColdframeError && error.code === code;
}

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

/** A program that opens a disk, starts reading and prints the worker's pid; then does `after`. */
function program(path: string, after: string): string[] {
  const source = `
    import { DiskWorker } from '#transport/native/disk-worker.ts';
    const worker = await DiskWorker.start();
    const disk = await worker.openBlock({ path: ${JSON.stringify(path)}, readOnly: true });
    const stream = disk.read({ extents: Float64Array.of(0, disk.info.capacityBytes), compressLevel: 3 });
    await stream.next();
    console.log(worker.pid);
    ${after}`;
  return ['--input-type=module-typescript', '--eval', source];
}

/** Dead, whether or not init has reaped it yet. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ' Z ');
    if (/\) Z |^ Z $/.test(status)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a worker that is killed fails what is pending and tells how it ended', async () => {
  await using folder = await temporaryFolder();
  const bytes = mixedBytes(32 * 1024 * 1024, 1);
  const path = await folder.file('disk', bytes);
  await using worker = await startWorker();
  const disk = await worker.openBlock({ path, readOnly: true });
  await assert.rejects(
    async () => {
      for await (const { slots } of disk.read({ extents: Float64Array.of(0, bytes.length) })) {
        process.kill(worker.pid!, 'SIGKILL');
        for (const slot of slots) slot.release();
        await worker.ended;
      }
    },
    (error) => isCode('process-died')(error) && /SIGKILL/.test((error as Error).message),
  );
  await assert.rejects(disk.flush(), isCode('process-died'));
  await assert.rejects(worker.ping(), isCode('process-died'));
});

test('a worker that hangs is noticed by deadline and killed by dispose', async () => {
  const worker = await startWorker({ exitMs: 300 });
  process.kill(worker.pid!, 'SIGSTOP');
  await assert.rejects(worker.ping(AbortSignal.timeout(200)), isCode('timeout'));
  await worker[Symbol.asyncDispose]();
  assert.match((await worker.ended).message, /SIGKILL/);
});

test('aborting the signal ends the worker and what is pending', async () => {
  const stop = new AbortController();
  const worker = await startWorker({ signal: stop.signal });
  process.kill(worker.pid!, 'SIGSTOP');
  const pending = worker.ping();
  stop.abort();
  await assert.rejects(pending, isCode('cancelled'));
  process.kill(worker.pid!, 'SIGCONT');
  await worker.ended;
});

test('an aborted signal starts no worker', async () => {
  await assert.rejects(DiskWorker.start({ signal: AbortSignal.abort() }), isCode('cancelled'));
});

test('the worker dies with its parent', async () => {
  await using folder = await temporaryFolder();
  const path = await folder.file('disk', mixedBytes(32 * 1024 * 1024, 1));
  const parent = spawn(process.execPath, program(path, 'await new Promise(() => undefined);'), {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  parent.kill('SIGKILL');
  await gone(Number(line.toString()));
});

test('a program may end in the middle of a stream without a crash', async () => {
  await using folder = await temporaryFolder();
  const path = await folder.file('disk', mixedBytes(64 * 1024 * 1024, 1));
  for (let i = 0; i < 3; i++) {
    const { stdout } = await run(process.execPath, program(path, 'process.exit(0);'), {
      cwd: repository,
    });
    await gone(Number(stdout));
  }
});

test('a program or a thread may end with a sink at work', async () => {
  await using folder = await temporaryFolder();
  const sink = (name: string, after: string) => `
    const { openSink } = await import('#transport/native/sink.ts');
    const sink = openSink(${JSON.stringify(folder.path)} + '/${name}');
    const data = Buffer.alloc(8 * 1024 * 1024, 1);
    for (let i = 0; i < 12; i++) void sink.writev([data]).catch(() => undefined);
    ${after}`;
  const options = { cwd: repository };
  const node = (source: string) =>
    run(process.execPath, ['--input-type=module-typescript', '--eval', source], options);
  await node(sink('exit', 'process.exit(0);'));
  await node(`
    import { Worker } from 'node:worker_threads';
    import { blake3 } from '#transport/native/digest.ts';
    const source = ${JSON.stringify(sink('thread', `(await import('node:worker_threads')).parentPort.postMessage(0);`))};
    const thread = new Worker(new URL('data:text/javascript,' + encodeURIComponent(
      source.replace("'#transport/native/sink.ts'", JSON.stringify(import.meta.resolve('#transport/native/sink.ts'))))));
    await new Promise((resolve) => thread.once('message', resolve));
    await thread.terminate();
    blake3(Buffer.alloc(1));`);
});

test('what the worker prints reaches the log and the story of its end', async () => {
  const lines: string[] = [];
  const worker = await startWorker({
    onLog: (line) => lines.push(line),
    libDir: '/nowhere',
    stateDir: '/nowhere',
  });
  await assert.rejects(worker.loadLibrary(), (error) => {
    assert.ok(isCode('disk')(error));
    assert.equal((error as ColdframeError).details['name'], 'COLDFRAME_LIBRARY_MISSING');
    return true;
  });
  await worker[Symbol.asyncDispose]();
  assert.match((await worker.ended).message, /status 0/);
});

test('credentials are neither in arguments nor environment of the worker', async () => {
  await using worker = await startWorker({ env: { COLDFRAME_TEST_MARK: 'here' } });
  const { stdout } = await run('cat', [
    `/proc/${worker.pid}/cmdline`,
    `/proc/${worker.pid}/environ`,
  ]);
  assert.ok(stdout.includes('COLDFRAME_TEST_MARK=here'));
  assert.match(stdout, /^[^\0]*disk-worker\0/);
});
