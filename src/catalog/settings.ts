import { z } from 'zod';

import type { IdSource } from '#core/clock.ts';
import { ColdframeError } from '#core/error.ts';

import type { Store } from './store.ts';
import { openTable } from './table.ts';

/** Raised when a table or a key changes its meaning. */
export const catalogVersion = 1;

export interface Settings {
  /** Who we are in markers on vSphere and in archives; made once. */
  readonly applianceId: string;
  /** The VDDK folder that the administrator chose. */
  vddkDir(): Promise<string | undefined>;
  setVddkDir(path: string | undefined): Promise<void>;
}

/** Checks the catalog's version before anything else is read or written. */
export async function openSettings(store: Store, ids: IdSource): Promise<Settings> {
  const numbers = openTable(store, 'version', z.number());
  const texts = openTable(store, 'settings', z.string());
  const found = await numbers.get('catalog');
  if (found !== undefined && found > catalogVersion)
    throw new ColdframeError(
      'invalid-input',
      `The catalog was written by a newer coldframe (catalog version ${found}, this one knows ${catalogVersion}). Start the newer version, or put an older copy of the data folder back.`,
      { details: { found, known: catalogVersion } },
    );
  const applianceId = (await texts.get('applianceId')) ?? ids.next();
  await store.write([
    numbers.set('catalog', catalogVersion),
    texts.set('applianceId', applianceId),
  ]);
  return {
    applianceId,
    vddkDir: () => texts.get('vddkDir'),
    setVddkDir: (path) =>
      store.write([path === undefined ? texts.remove('vddkDir') : texts.set('vddkDir', path)]),
  };
}
