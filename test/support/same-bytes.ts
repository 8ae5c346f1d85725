import { open } from 'node:fs/promises';

const pieceBytes = 1024 * 1024;

/** Offset of the first byte in which two files differ, their lengths included; undefined when they are the same. */
export async function firstDifference(one: string, other: string): Promise<number | undefined> {
  await using a = await open(one);
  await using b = await open(other);
  const left = Buffer.alloc(pieceBytes);
  const right = Buffer.alloc(pieceBytes);
  for (let at = 0; ; at += pieceBytes) {
    const leftBytes = (await a.read(left, 0, pieceBytes, at)).bytesRead;
    const rightBytes = (await b.read(right, 0, pieceBytes, at)).bytesRead;
    const common = Math.min(leftBytes, rightBytes);
    if (!left.subarray(0, common).equals(right.subarray(0, common)))
      return at + left.findIndex((byte, index) => byte !== right[index]);
    if (leftBytes !== rightBytes) return at + common;
    if (common < pieceBytes) return undefined;
  }
}
