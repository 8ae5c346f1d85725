import { open } from 'node:fs/promises';

const blockBytes = 4 * 2 ** 20;

/** Bytes compared. Throws with the offset of the first difference; sizes must agree too. */
export async function compareFiles(path: string, expected: string): Promise<number> {
  await using a = await open(path, 'r');
  await using b = await open(expected, 'r');
  const [sizeA, sizeB] = [(await a.stat()).size, (await b.stat()).size];
  if (sizeA !== sizeB) throw new Error(`${path} has ${sizeA} bytes, ${expected} has ${sizeB}.`);
  const [one, two] = [Buffer.alloc(blockBytes), Buffer.alloc(blockBytes)];
  for (let offset = 0; offset < sizeA; offset += blockBytes) {
    const [{ bytesRead: readA }, { bytesRead: readB }] = await Promise.all([
      a.read(one, 0, blockBytes, offset),
      b.read(two, 0, blockBytes, offset),
    ]);
    if (readA !== readB) throw new Error(`${path}: short read at ${offset}`);
    if (one.compare(two, 0, readB, 0, readA) === 0) continue;
    const at = one.subarray(0, readA).findIndex((byte, i) => byte !== two[i]);
    throw new Error(`${path} differs from ${expected} at byte ${offset + at}.`);
  }
  return sizeA;
}
