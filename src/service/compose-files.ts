import type { Clock } from '#core/clock.ts';
import type { GuestEntries, GuestVolumes } from '#core/guest-files.ts';
import { askFiles, filesContent } from '#files/client.ts';
import { openFilesProcess } from '#files/parent.ts';

import { ByteStream } from './http/byte-stream.ts';
import type { OpenGuestFiles } from './operations/file-mounts.ts';

/** Opens restore points for browsing, each in a process of its own with libguestfs. */
export function guestFilesOpener(clock: Clock): OpenGuestFiles {
  return async (order, signal) => {
    const process = await openFilesProcess(order, { clock, signal });
    const { socket, ended } = process;
    return {
      ended,
      volumes: (over) => askFiles<GuestVolumes>(socket, '/volumes', over),
      entries: ({ path, from, limit }, over) => {
        const query = new URLSearchParams({ path, from: `${from}`, limit: `${limit}` });
        return askFiles<GuestEntries>(socket, `/entries?${query.toString()}`, over);
      },
      async content(path, over) {
        const query = new URLSearchParams({ path });
        const { kind, bytes, stream } = await filesContent(
          socket,
          `/content?${query.toString()}`,
          over,
        );
        const contentType = kind === 'tar' ? 'application/x-tar' : 'application/octet-stream';
        return new ByteStream({ contentType, bytes, stream });
      },
      [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
    };
  };
}
