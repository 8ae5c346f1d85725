import { toErrorRecord } from '#core/error.ts';

import { folderHandlers } from './folder-handlers.ts';
import type { FolderReply, FolderRequest } from './folder-process.ts';

/**
 * The process in which the folder of one repository is looked at. Calls to a dead NFS server never return and
 * take a thread each: here they take none of the service's. It ends when its parent closes the channel.
 */

process.on('message', (message) => {
  void answer(message as FolderRequest); // never rejects: whatever happens becomes a reply
});
// A terminal sends Ctrl-C to the whole group; the service decides when its children end.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));

/** Who gives a call up ends this process with it. */
const { signal } = new AbortController();

async function answer({ id, call, input }: FolderRequest): Promise<void> {
  try {
    const handler = folderHandlers[call] as (
      input: unknown,
      signal: AbortSignal,
    ) => Promise<unknown>;
    reply({ id, value: await handler(input, signal) });
  } catch (error) {
    reply({ id, error: toErrorRecord(error) });
  }
}

function reply(message: FolderReply): void {
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}
