import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';

import { openCatalog, type Catalog } from '#catalog/open-catalog.ts';
import { Secret } from '#core/secret.ts';
import { startService, type RunningService } from '#service/compose.ts';
import { loadConfig } from '#service/config.ts';
import { randomIds, systemClock } from '#service/system-clock.ts';
import { hashPassword } from '#service/auth/password.ts';
import { startLab, type Lab, type LabOptions } from '#test/lab/lab.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';

import { temporaryFolder } from './temporary-folder.ts';

export const pagePassword = 'four small brown owls';

/** A lab and a service with the admin page on, in this process. */
export interface PageBench extends AsyncDisposable {
  readonly lab: Lab;
  readonly service: RunningService;
  /** Without a slash at its end. */
  readonly url: string;
  /** An empty folder for a repository. */
  readonly repositoryRoot: string;
  /** All that the service logged. */
  readonly log: () => string;
}

export interface PageBenchOptions {
  readonly lab?: Partial<LabOptions>;
  /** Without it the password is set already. */
  readonly firstUse?: boolean;
  /** Fills the catalog before the service opens it. */
  readonly prepare?: (catalog: Catalog, lab: Lab) => Promise<void>;
}

export async function openPageBench(options: PageBenchOptions = {}): Promise<PageBench> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder());
  const [dataDir, repositoryRoot] = [join(path, 'data'), join(path, 'repository')];
  await mkdir(repositoryRoot);
  const lab = stack.use(
    await startLab({
      dir: join(path, 'lab'),
      scenario: demoScenario(smallSizes),
      ...options.lab,
    }),
  );
  await fillCatalog({ dataDir, lab }, options);
  let log = '';
  const stream = new Writable({
    write(part: Buffer, _, done) {
      log += part.toString();
      done();
    },
  });
  const fromEnvironment = { COLDFRAME_PAGE_PORT: '0', COLDFRAME_PAGE_HOST: '127.0.0.1' };
  const service = stack.use(
    await startService({
      config: {
        ...loadConfig({ dataDir }, fromEnvironment),
        sysfsRoot: lab.applianceRoot,
        workerEnv: { COLDFRAME_LAB_VDDK_MAP: lab.vddkMap },
      },
      clock: systemClock,
      ids: randomIds,
      stream,
    }),
  );
  const kept = stack.move();
  return {
    lab,
    service,
    url: service.pageUrl!.replace(/\/$/, ''),
    repositoryRoot,
    log: () => log,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function fillCatalog(
  { dataDir, lab }: { readonly dataDir: string; readonly lab: Lab },
  options: PageBenchOptions,
): Promise<void> {
  await using catalog = await openCatalog({ dataDir, clock: systemClock, ids: randomIds });
  if (options.firstUse !== true)
    await catalog.setAdminPasswordHash(await hashPassword(new Secret(pagePassword)));
  await options.prepare?.(catalog, lab);
}
