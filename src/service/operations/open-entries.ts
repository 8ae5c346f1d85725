import { ColdframeError } from '#core/error.ts';

import type { ServiceJournal } from '../ports.ts';

/** What still has something to undo must stay reachable: its address and password are needed for that. */
export async function refuseWhileOpen(
  journal: Pick<ServiceJournal, 'open'>,
  thing: { readonly word: string; readonly id: string; readonly name: string },
): Promise<void> {
  const open = (await journal.open()).filter(
    (entry) =>
      entry.endpointId === thing.id ||
      ('repositoryId' in entry.detail && entry.detail.repositoryId === thing.id),
  );
  if (open.length > 0)
    throw new ColdframeError(
      'busy',
      `The ${thing.word} "${thing.name}" is still needed: ${open.length} journal entries are to be undone with it. See: coldframe journal`,
    );
}
