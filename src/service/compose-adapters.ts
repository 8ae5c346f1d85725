import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Clock, IdSource } from '#core/clock.ts';
import type { Secret } from '#core/secret.ts';
import { version } from '#core/version.ts';
import { createMover } from '#mover/parent.ts';
import { RepositoryProcesses } from '#mover/repositories.ts';
import { createDeviceFinder } from '#transport/device-finder.ts';
import { probeCertificate } from '#vsphere/certificate.ts';
import { createVsphere } from '#vsphere/client.ts';

import type { ServiceConfig } from './config.ts';
import { createHelper } from './helper-client.ts';
import type { ServiceLog } from './log/logger.ts';
import { createNfsMounts } from './operations/nfs-mounts.ts';
import type { InitialiseRepository, ProbeCertificate } from './ports.ts';

export interface AdapterOptions {
  readonly config: ServiceConfig;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: ServiceLog;
  /** Keys of encrypted archives; default none. */
  readonly identities?: () => Promise<readonly Secret[]>;
  /** Signs new archives; default none. */
  readonly signingKey?: () => Promise<Secret>;
}

export type Adapters = Awaited<ReturnType<typeof createAdapters>>;

/** Everything that touches the world outside, each with what it needs and no more. */
export async function createAdapters(options: AdapterOptions) {
  const { config, clock, ids, log, identities = noKeys, signingKey } = options;
  const vddkStateDir = join(config.dataDir, 'vddk-state');
  await mkdir(vddkStateDir, { recursive: true, mode: 0o700 });
  const helper = createHelper(config.helperSocket);
  const nfsMounts = createNfsMounts({ helper, clock });
  const repositories = new RepositoryProcesses({
    clock,
    identities,
    prepare: (repository) => nfsMounts.ensure(repository),
    release: async ({ root }, path) => {
      await helper.ask('unprotect', { path: join(root, path) });
    },
  });
  const initialise: InitialiseRepository = async (root, signal) => {
    const wanted = { root, id: ids.next(), nowMs: clock.now() };
    const { marker, existed, proof } = await repositories.initialise(wanted, signal);
    return { id: marker.id, created: !existed, proof };
  };
  const probe: ProbeCertificate = (address, signal) => probeCertificate(address, { clock, signal });
  return {
    vsphere: createVsphere({
      clock,
      keepMs: 30 * 60_000, // pages and API calls come in bursts
      userAgent: `coldframe/${version}`,
      log: {
        info: (message, details) => log.log('info', message, facts(details)),
        warn: (message, details) => log.log('warn', message, facts(details)),
      },
    }),
    devices: createDeviceFinder({ root: config.sysfsRoot, clock }),
    mover: createMover({
      clock,
      identities,
      signingKey,
      progressMs: config.stallMs,
      settings: { vddkStateDir, workerEnv: config.workerEnv, spoolDir: config.dataDir },
    }),
    repositories,
    nfsMounts,
    helper,
    initialise,
    probe,
  };
}

function noKeys(): Promise<readonly Secret[]> {
  return Promise.resolve([]);
}

function facts(details: Readonly<Record<string, unknown>> | undefined) {
  return details === undefined ? {} : { details };
}
