import type { JournalView, RecoveryView } from '#core/api.ts';

import type { ServiceJournal, UseCases } from '../../ports.ts';
import { route, type BoundRoute } from '../route.ts';

const recentEntries = 50;

export function journalRoutes(journal: ServiceJournal, useCases: UseCases): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/journal',
      summary: 'What is still to be undone, and what was',
      handle: async (): Promise<JournalView> => ({
        open: await journal.open(),
        recent: await journal.history(recentEntries),
      }),
    }),
    route({
      method: 'POST',
      path: '/journal/recover',
      summary: 'Undo what can be undone now',
      handle: async ({ signal }): Promise<RecoveryView> => {
        const { undone } = await useCases.recover(signal);
        return { undone, open: await journal.open() };
      },
    }),
  ];
}
