import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openCatalog, type Catalog } from '#catalog/open-catalog.ts';
import type { EndpointWithPassword, RepositoryConfig } from '#core/config.ts';
import { Secret } from '#core/secret.ts';
import type { EngineContext } from '#engine/ports.ts';
import type { PruneContext } from '#engine/prune-ports.ts';
import type { BackupOptions, BackupRequest, RecoverSources } from '#engine/requests.ts';
import { createMover } from '#mover/parent.ts';
import { createAdapters } from '#service/compose-adapters.ts';
import { loadConfig } from '#service/config.ts';
import { randomIds, systemClock } from '#service/system-clock.ts';
import { createDeviceFinder } from '#transport/device-finder.ts';
import type { LabAddress } from '#test/lab/control/lab-control.ts';

/** Where an engine under test finds its world; plain data, so that it can be given to another process. */
export interface EngineSite {
  /** Holds the catalog, `repository/` and the state of VDDK. */
  readonly dir: string;
  readonly lab: LabAddress;
  readonly vddk: boolean;
  /** Faults of the stand-in library, and the like. */
  readonly workerEnv?: Readonly<Record<string, string>>;
  /** Shorter waits than the real ones, for tests of what is waited for in vain. */
  readonly limits?: { readonly deviceMs?: number; readonly progressMs?: number };
}

/** An engine with every real adapter, against a lab. */
export interface EngineBench extends AsyncDisposable {
  readonly context: EngineContext & PruneContext;
  readonly catalog: Catalog;
  readonly endpoint: EndpointWithPassword;
  readonly repository: RepositoryConfig;
  readonly sources: RecoverSources;
  readonly log: readonly string[];
  backup(change?: Partial<BackupRequest>, options?: Partial<BackupOptions>): BackupRequest;
}

const standIn = fileURLToPath(new URL('../../native/build/Release/lab', import.meta.url));

export async function openEngineBench(site: EngineSite): Promise<EngineBench> {
  const { dir, lab } = site;
  await using stack = new AsyncDisposableStack();
  const catalog = stack.use(
    await openCatalog({ dataDir: join(dir, 'data'), clock: systemClock, ids: randomIds }),
  );
  const log: string[] = [];
  const say = (level: string) => (message: string) => void log.push(`${level} ${message}`);
  const config = {
    ...loadConfig({ dataDir: join(dir, 'data') }, {}),
    sysfsRoot: lab.applianceRoot,
    workerEnv: { COLDFRAME_LAB_VDDK_MAP: lab.vddkMap, ...site.workerEnv },
  };
  const adapters = await createAdapters({
    config,
    clock: systemClock,
    ids: randomIds,
    log: { log: (level, message) => say(level)(message) },
  });
  stack.use(adapters.repositories);
  stack.use(adapters.vsphere);
  const root = join(dir, 'repository');
  await mkdir(root, { recursive: true });
  const { id } = await adapters.initialise(root, new AbortController().signal);
  const repository: RepositoryConfig = { id, name: 'local', root, addedAtMs: 0 };
  const endpoint: EndpointWithPassword = {
    id: 'endpoint1',
    name: 'lab',
    address: lab.address,
    user: lab.user,
    thumbprint: lab.thumbprintSha256,
    password: new Secret(lab.password),
  };
  const context: EngineContext & PruneContext = {
    applianceId: catalog.applianceId,
    clock: systemClock,
    ids: randomIds,
    vsphere: adapters.vsphere,
    devices: createDeviceFinder({
      root: config.sysfsRoot,
      clock: systemClock,
      ...(site.limits?.deviceMs === undefined ? {} : { deadlineMs: site.limits.deviceMs }),
    }),
    mover: createMover({
      clock: systemClock,
      settings: { vddkStateDir: join(config.dataDir, 'vddk-state'), workerEnv: config.workerEnv },
      ...(site.limits?.progressMs === undefined ? {} : { progressMs: site.limits.progressMs }),
    }),
    repositories: adapters.repositories,
    catalog,
    journal: catalog.journal,
    vddk: {
      installed: () =>
        Promise.resolve(site.vddk ? { libDir: standIn, version: '8.0.3' } : undefined),
    },
    settleMs: 1500,
    log: { info: say('info'), warn: say('warn'), error: say('error') },
  };
  const kept = stack.move();
  let tasks = 0;
  return {
    context,
    catalog,
    endpoint,
    repository,
    log,
    sources: {
      endpoint: (wanted) => Promise.resolve(wanted === endpoint.id ? endpoint : undefined),
      repository: (wanted) => Promise.resolve(wanted === repository.id ? repository : undefined),
    },
    backup: (change, options) => ({
      endpoint,
      vm: { name: 'demo-app' },
      repository,
      runId: 'run1',
      taskId: `task${++tasks}`,
      jobName: null,
      ...change,
      options: {
        forceFull: false,
        quiesce: 'preferred',
        compression: 'zstd',
        compressLevel: 1,
        transports: ['hotadd-vddk', 'hotadd-own', 'nbdssl'],
        onFallback: 'warn',
        ...options,
      },
    }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
