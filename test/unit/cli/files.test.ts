import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { test } from 'node:test';

import type { GuestEntry } from '#core/guest-files.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

import { runWords } from './run-words.ts';

type Answer = (url: URL, response: ServerResponse) => void;

/** A service that answers as `answer` does, on the socket of a data folder. */
async function serve(dataDir: string, answer: Answer): Promise<AsyncDisposable> {
  await writeFile(`${dataDir}/api-token`, 'token\n');
  const server = createServer((request, response) =>
    answer(new URL(request.url ?? '/', 'http://localhost'), response),
  );
  server.listen(`${dataDir}/coldframe.sock`);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function entry(name: string, more: Partial<GuestEntry> = {}): GuestEntry {
  return {
    name,
    path: `/sda1/${name}`,
    kind: 'file',
    bytes: 2048,
    mode: 0o644,
    uid: 0,
    gid: 0,
    modifiedAtMs: 0,
    ...more,
  };
}

test('a folder is listed over its pages, and names cannot steer the terminal', async () => {
  await using dir = await temporaryFolder();
  const asked: string[] = [];
  await using _ = await serve(dir.path, (url, response) => {
    asked.push(`${url.searchParams.get('path')} ${url.searchParams.get('from')}`);
    const first = url.searchParams.get('from') === '0';
    const entries = first
      ? [entry('a\u001b[2Jb')]
      : [entry('link', { kind: 'link', linkTarget: '/etc' }), entry('d', { kind: 'folder' })];
    response.end(JSON.stringify({ entries, total: 3, ...(first ? { next: 1 } : {}) }));
  });
  const { code, out, err } = await runWords(['files', 'list', 'm1', '/sda1/ü x%'], dir.path);
  assert.equal(code, 0, err);
  assert.deepEqual(asked, ['/sda1/%C3%BC%20x%25 0', '/sda1/%C3%BC%20x%25 1']);
  assert.match(out, /-0644 +0:0 +2\.0 KiB .* a\\x1b\[2Jb/);
  assert.match(out, /l0644 .* link -> \/etc/);
  const encoded = await runWords(['files', 'list', 'm1', '/sda1/%E9', '--encoded'], dir.path);
  assert.equal(encoded.code, 0);
  assert.equal(asked.at(-1), '/sda1/%E9 1');
  assert.equal((await runWords(['files', 'list', 'm1', 'sda1'], dir.path)).code, 2);
});

test('a download that breaks off is an error and leaves no file', async () => {
  await using dir = await temporaryFolder();
  await using out = await temporaryFolder();
  await using _ = await serve(dir.path, (url, response) => {
    if (url.searchParams.get('path') === '/sda1/good') {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.end('all of it');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/x-tar' });
    response.write('some of it', () => response.destroy());
  });
  const target = out.join('x');
  const bad = await runWords(['files', 'get', 'm1', '/sda1/folder', '-o', target], dir.path);
  assert.equal(bad.code, 1);
  assert.match(bad.err, /could not be written to its end/);
  assert.deepEqual(await readdir(out.path), []);
  const good = await runWords(['files', 'get', 'm1', '/sda1/good', '-o', target], dir.path);
  assert.equal(good.code, 0, good.err);
  assert.equal(await readFile(target, 'utf8'), 'all of it');
});

test('what could not be opened is told with its reason, and closed', async () => {
  await using dir = await temporaryFolder();
  const calls: string[] = [];
  await using _ = await serve(dir.path, (url, response) => {
    calls.push(url.pathname);
    const error = { code: 'locked', message: 'This archive is encrypted.' };
    const failed = url.pathname.endsWith('/m1');
    const mount = { id: 'm1', state: failed ? 'failed' : 'opening', ...(failed ? { error } : {}) };
    response.end(JSON.stringify(mount));
  });
  const { err } = await runWords(['files', 'open', 'point'], dir.path);
  assert.match(err, /This archive is encrypted/);
  assert.deepEqual(calls, [
    '/api/v1/file-mounts',
    '/api/v1/file-mounts/m1',
    '/api/v1/file-mounts/m1',
  ]);
  assert.equal((await runWords(['files', 'open', 'p', '--idle', 'soon'], dir.path)).code, 2);
});
