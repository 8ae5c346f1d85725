import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import type { NbdExport } from '#nbd/block-source.ts';
import { commands, options, replyTypes } from '#nbd/protocol.ts';
import { NbdServer } from '#nbd/server.ts';
import { MemorySource } from '#test/support/memory-source.ts';
import { seededRandom } from '#test/support/random.ts';
import { temporaryFolder, type TemporaryFolder } from '#test/support/temporary-folder.ts';

import { RawClient, text, uint32 } from './raw-client.ts';

const data = Buffer.alloc(64 * 1024);
seededRandom(3).fill(data.subarray(4096, 12_288));
seededRandom(4).fill(data.subarray(40_960, 45_056));
const disk: NbdExport = { name: 'scsi0-0', description: 'x', source: new MemorySource(data) };

async function serve(
  dir: TemporaryFolder,
  exports: readonly NbdExport[] = [disk],
): Promise<{ readonly server: NbdServer; readonly path: string; readonly problems: unknown[] }> {
  const problems: unknown[] = [];
  const path = dir.join('nbd.sock');
  const onProblem = (error: unknown): void => void problems.push(error);
  const server = await NbdServer.listen({ address: { socket: path }, exports, onProblem });
  return { server, path, problems };
}

test('simple replies: the old way to choose an export, zeros in full', async () => {
  await using dir = await temporaryFolder();
  const { server, path } = await serve(dir);
  await using _ = server;
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await using client = await RawClient.connect(path);
  await client.greet(1);
  client.option(options.exportName, Buffer.from('scsi0-0'));
  const answer = await client.take(8 + 2 + 124);
  assert.equal(answer.readBigUInt64BE(0), BigInt(data.length));
  assert.equal(answer.readUInt16BE(8) & 0b11, 0b11, 'read-only');
  client.request({ type: commands.read, offset: 1000n, length: 20_000, cookie: 7n });
  const head = await client.take(16);
  assert.deepEqual([head.readUInt32BE(4), head.readBigUInt64BE(8)], [0, 7n]);
  assert.ok((await client.take(20_000)).equals(data.subarray(1000, 21_000)));
});

test('structured replies: holes cost nothing, and one part on request', async () => {
  await using dir = await temporaryFolder();
  const { server, path } = await serve(dir);
  await using _ = server;
  await using client = await RawClient.connect(path);
  await client.greet();
  client.option(options.structuredReply);
  assert.equal((await client.optionReply()).type, 1);
  await client.go('');
  client.request({ type: commands.read, offset: 0n, length: data.length });
  const seen = Buffer.alloc(data.length, 0xff);
  let received = 0;
  for (let done = false; !done;) {
    const head = await client.take(20);
    done = head.readUInt16BE(4) === 1;
    const body = await client.take(head.readUInt32BE(16));
    received += body.length;
    const offset = Number(body.readBigUInt64BE(0));
    if (head.readUInt16BE(6) === replyTypes.offsetData) body.copy(seen, offset, 8);
    else seen.fill(0, offset, offset + body.readUInt32BE(8));
  }
  assert.ok(seen.equals(data));
  assert.ok(received < 20_000);
  client.request({ type: commands.read, flags: 4, offset: 0n, length: 20_000 });
  const head = await client.take(20);
  assert.deepEqual([head.readUInt16BE(4), head.readUInt32BE(16)], [1, 20_008]);
  assert.ok((await client.take(20_008)).subarray(8).equals(data.subarray(0, 20_000)));
});

test('what cannot be done is refused and the connection goes on', async () => {
  await using dir = await temporaryFolder();
  const { server, path, problems } = await serve(dir);
  await using _ = server;
  await using client = await RawClient.connect(path);
  await client.greet();
  await client.go('scsi0-0');
  const refused: readonly (readonly [Parameters<RawClient['request']>[0], number])[] = [
    [{ type: commands.write, length: 70_000 }, 1],
    [{ type: commands.trim, length: 512 }, 1],
    [{ type: commands.writeZeroes, length: 512 }, 1],
    [{ type: commands.read, offset: 65_000n, length: 1000 }, 22],
    [{ type: commands.read, offset: 2n ** 64n - 1n, length: 1 }, 22],
    [{ type: commands.read, length: 2 ** 32 - 1 }, 75],
    [{ type: commands.blockStatus, length: 512 }, 22],
    [{ type: 99 }, 22],
    [{ type: commands.flush }, 0],
  ];
  for (const [request, error] of refused) {
    client.request(request);
    if (request.type === commands.write) client.socket.write(Buffer.alloc(request.length!));
    assert.equal((await client.take(16)).readUInt32BE(4), error, JSON.stringify(request.type));
  }
  client.request({ type: commands.read, magic: 0x12345678 });
  assert.ok(await client.isLeft());
  assert.deepEqual(problems, []);
});

test('options: unknown, malformed and of unknown exports', async () => {
  await using dir = await temporaryFolder();
  const other = { ...disk, name: 'scsi0-1' };
  const { server, path } = await serve(dir, [disk, other]);
  await using _ = server;
  await using client = await RawClient.connect(path);
  await client.greet();
  const invalid = 0x8000_0003;
  const refused: readonly (readonly [number, Buffer, number])[] = [
    [5, Buffer.alloc(0), 0x8000_0001],
    [options.list, Buffer.from('x'), invalid],
    [options.structuredReply, Buffer.from('x'), invalid],
    [options.info, Buffer.from('x'), invalid],
    [options.info, Buffer.concat([uint32(99), Buffer.from('ab')]), invalid],
    [options.info, Buffer.concat([text('scsi0-0'), Buffer.from([0, 9])]), invalid],
    [options.info, Buffer.concat([text('nobody'), Buffer.alloc(2)]), 0x8000_0006],
    // With two exports nobody knows which is meant by none.
    [options.info, Buffer.concat([text(''), Buffer.alloc(2)]), 0x8000_0006],
    // Contexts belong to structured replies.
    [options.setMetaContext, Buffer.concat([text('scsi0-0'), uint32(0)]), invalid],
  ];
  for (const [option, bytes, type] of refused) {
    client.option(option, bytes);
    assert.equal((await client.optionReply()).type, type, `option ${option}`);
  }
  client.option(options.structuredReply);
  assert.equal((await client.optionReply()).type, 1);
  client.option(
    options.setMetaContext,
    Buffer.concat([text('scsi0-0'), uint32(2 ** 31), text('base:allocation')]),
  );
  assert.equal((await client.optionReply()).type, invalid);
  client.option(
    options.setMetaContext,
    Buffer.concat([text('scsi0-0'), uint32(1), text('base:allocation')]),
  );
  assert.deepEqual(
    (await client.optionReplies()).map(({ type }) => type),
    [4, 1],
  );
  // Agreed on for one export, so not for the other.
  await client.go('scsi0-1');
  client.request({ type: commands.blockStatus, length: 512 });
  const head = await client.take(20);
  assert.equal(head.readUInt16BE(6), replyTypes.error);
});

test('a client that breaks the rules is left', async () => {
  await using dir = await temporaryFolder();
  const { server, path } = await serve(dir);
  await using _ = server;
  const breaks: readonly ((client: RawClient) => void)[] = [
    (client) => client.socket.write(uint32(0xff)),
    (client) => client.socket.write(Buffer.concat([uint32(3), Buffer.alloc(16)])),
    (client) => {
      const head = Buffer.alloc(16);
      head.write('IHAVEOPT', 'latin1');
      head.writeUInt32BE(options.list, 8);
      head.writeUInt32BE(2 ** 32 - 1, 12);
      client.socket.write(Buffer.concat([uint32(3), head]));
    },
    (client) => {
      client.socket.write(uint32(3));
      client.option(options.exportName, Buffer.from('nobody'));
    },
    (client) => client.socket.end(Buffer.from('NB')),
  ];
  for (const [index, breakRules] of breaks.entries()) {
    await using client = await RawClient.connect(path);
    await client.take(18);
    breakRules(client);
    assert.ok(await client.isLeft(), `case ${index}`);
  }
});

test('a read that fails is told to the client and to us', async () => {
  await using dir = await temporaryFolder();
  const failure = new ColdframeError('digest-mismatch', 'bytes 0 to 9 are not what they were');
  const source = {
    capacityBytes: 4096,
    read: () => Promise.reject(failure),
    states: () => [],
  };
  const { server, path, problems } = await serve(dir, [{ name: 'bad', description: '', source }]);
  await using _ = server;
  await using client = await RawClient.connect(path);
  await client.greet();
  client.option(options.structuredReply);
  await client.optionReply();
  await client.go('bad');
  client.request({ type: commands.read, length: 10 });
  const head = await client.take(20);
  const body = await client.take(head.readUInt32BE(16));
  assert.deepEqual([head.readUInt16BE(6), body.readUInt32BE(0)], [replyTypes.error, 5]);
  assert.equal(body.subarray(6).toString(), failure.message);
  assert.deepEqual(problems, [failure]);
});

test('the end of the server ends its connections, and an address in use is said', async () => {
  await using dir = await temporaryFolder();
  const { server, path } = await serve(dir);
  await using client = await RawClient.connect(path);
  await client.greet();
  await client.go('scsi0-0');
  await assert.rejects(serve(dir), { code: 'io', message: /cannot listen/ });
  await server[Symbol.asyncDispose]();
  assert.ok(await client.isLeft());
  await assert.rejects(stat(path));
  await assert.rejects(
    NbdServer.listen({
      address: { socket: dir.join('x'.repeat(120)) },
      exports: [],
      onProblem: () => undefined,
    }),
    { code: 'invalid-input' },
  );
});
