import { openCatalog, type Catalog } from '#catalog/open-catalog.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { countingIds, testClock, type TestClock } from '#test/support/test-clock.ts';

export interface TemporaryCatalog extends AsyncDisposable {
  readonly dataDir: string;
  readonly clock: TestClock;
  readonly catalog: Catalog;
  readonly journal: Catalog['journal'];
  readonly applianceId: string;
  /** Closes the database and opens it again, as a restart does. */
  reopen(): Promise<Catalog>;
}

export async function openTemporary(): Promise<TemporaryCatalog> {
  const folder = await temporaryFolder();
  const clock = testClock();
  const ids = countingIds();
  const open = () => openCatalog({ dataDir: folder.path, clock, ids });
  let current = await open();
  return {
    dataDir: folder.path,
    clock,
    catalog: current,
    journal: current.journal,
    applianceId: current.applianceId,
    async reopen() {
      await current[Symbol.asyncDispose]();
      current = await open();
      return current;
    },
    async [Symbol.asyncDispose]() {
      await current[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
