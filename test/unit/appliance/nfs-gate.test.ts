import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { nfsOperations } from '#test/appliance/nfs-call.ts';
import { NfsGate } from '#test/appliance/nfs-gate.ts';

function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(number, i * 4);
  return bytes;
}

const sequence = Buffer.concat([words(53), Buffer.alloc(32)]);
const putFh = Buffer.concat([words(22, 5), Buffer.from('fhand\0\0\0')]);

/** A COMPOUND of version 4.1 with these operations, the arguments of the last left out. */
function compound(...operations: readonly Buffer[]): Buffer {
  return Buffer.concat([
    words(7, 0, 2, 100_003, 4, 1), // call, NFS version 4, COMPOUND
    words(1, 4, 0, 0, 0), // credential of four bytes, no verifier
    words(0, 1, operations.length), // no tag, minor version 1
    ...operations,
  ]);
}

const commit = compound(sequence, putFh, words(5, 0, 0, 0));
const rename = compound(sequence, putFh, words(32), putFh, words(29));
const write = compound(sequence, putFh, words(38));

test('knows the calls that it looks for, and takes nothing else for them', () => {
  assert.deepEqual(nfsOperations(commit), ['commit']);
  assert.deepEqual(nfsOperations(rename), ['rename']);
  for (const other of [write, Buffer.alloc(0), commit.subarray(0, 50), words(7, 1, 0, 0, 0, 0)])
    assert.deepEqual(nfsOperations(other), []);
});

function framed(call: Buffer): Buffer {
  return Buffer.concat([words(0x8000_0000 + call.length), call]);
}

test('lets calls through until the one that it stands still before, and then all in order', async () => {
  const received: Buffer[] = [];
  const server = createServer((socket: Socket) => {
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      socket.write(framed(Buffer.from('answer..')));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  await using gate = await NfsGate.before(address.port);
  const client = connect(gate.port, '127.0.0.1');
  const reached = gate.stallAt('commit');
  // Cut in odd places, as TCP may.
  const stream = Buffer.concat([framed(write), framed(commit), framed(rename)]);
  client.write(stream.subarray(0, 30));
  client.write(stream.subarray(30));
  await reached;
  const before = Buffer.concat(received).length;
  assert.ok(before <= framed(write).length);
  gate.goOn();
  while (Buffer.concat(received).length < stream.length)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(Buffer.concat(received).equals(stream));
  client.destroy();
  server.close();
});
