import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { makeAgeStart } from '#archive/age-header.ts';
import { AgeSink } from '#archive/age-sink.ts';

/** Encrypts the beginning of a file into nothing, as the archive writer's sink does. */
const { values } = parseArgs({
  options: {
    image: { type: 'string', default: '' },
    recipient: { type: 'string', default: '' },
    bytes: { type: 'string', default: '0' },
    'lib-dir': { type: 'string' },
  },
});

const pieceBytes = 1024 * 1024;
const nothing = {
  writev: () => Promise.resolve(),
  hole: () => Promise.resolve(),
  sync: () => Promise.resolve(),
};

await using file = await open(values.image);
const sink = new AgeSink(nothing, await makeAgeStart([values.recipient]));
for (let left = Number(values.bytes); left > 0; left -= pieceBytes) {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.min(left, pieceBytes)));
  if (bytesRead === 0) break;
  await sink.writev([buffer.subarray(0, bytesRead)]);
}
await sink.sync();
