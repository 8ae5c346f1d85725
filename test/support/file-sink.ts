import { open } from 'node:fs/promises';

import type { ByteSink } from '#archive/ports.ts';

export interface FileSink extends ByteSink, AsyncDisposable {
  readonly holes: number;
}

/** A sink on a real file, with holes by seeking; calls take effect in order. */
export async function fileSink(filePath: string): Promise<FileSink> {
  const file = await open(filePath, 'w');
  let position = 0;
  let holes = 0;
  let last: Promise<unknown> = Promise.resolve();
  const inOrder = async (act: () => Promise<unknown>): Promise<void> => {
    last = last.then(act);
    await last;
  };
  return {
    get holes() {
      return holes;
    },
    writev: (buffers) =>
      inOrder(async () => {
        for (const buffer of buffers) {
          await file.write(buffer, 0, buffer.length, position);
          position += buffer.length;
        }
      }),
    hole: (bytes) =>
      inOrder(async () => {
        position += bytes;
        holes += bytes;
      }),
    sync: () => inOrder(() => file.datasync()),
    [Symbol.asyncDispose]: () => file.close(),
  };
}
