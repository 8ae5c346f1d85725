import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { ArchiveReader } from '#archive/archive-reader.ts';
import type { Clock, IdSource } from '#core/clock.ts';
import { version } from '#core/version.ts';
import { createMover } from '#mover/parent.ts';
import { initialiseRepository } from '#repository/initialise.ts';
import { LocalRepositories, type ArchiveFacts } from '#repository/local-repository.ts';
import { createDeviceFinder } from '#transport/device-finder.ts';
import { probeCertificate } from '#vsphere/certificate.ts';
import { createVsphere } from '#vsphere/client.ts';

import type { ServiceConfig } from './config.ts';
import type { ServiceLog } from './log/logger.ts';
import type { InitialiseRepository, ProbeCertificate } from './ports.ts';

export interface AdapterOptions {
  readonly config: ServiceConfig;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: ServiceLog;
}

export type Adapters = Awaited<ReturnType<typeof createAdapters>>;

/** Everything that touches the world outside, each with what it needs and no more. */
export async function createAdapters({ config, clock, ids, log }: AdapterOptions) {
  const vddkStateDir = join(config.dataDir, 'vddk-state');
  await mkdir(vddkStateDir, { recursive: true, mode: 0o700 });
  const initialise: InitialiseRepository = async (root) => {
    const { marker, existed } = await initialiseRepository({
      root,
      id: ids.next(),
      nowMs: clock.now(),
    });
    return { id: marker.id, created: !existed };
  };
  const probe: ProbeCertificate = (address, signal) => probeCertificate(address, { clock, signal });
  return {
    vsphere: createVsphere({
      clock,
      userAgent: `coldframe/${version}`,
      log: {
        info: (message, details) => log.log('info', message, facts(details)),
        warn: (message, details) => log.log('warn', message, facts(details)),
      },
    }),
    devices: createDeviceFinder({ root: config.sysfsRoot, clock }),
    mover: createMover({
      clock,
      settings: { vddkStateDir, workerEnv: config.workerEnv, spoolDir: config.dataDir },
    }),
    repositories: new LocalRepositories(archiveFacts),
    initialise,
    probe,
  };
}

function facts(details: Readonly<Record<string, unknown>> | undefined) {
  return details === undefined ? {} : { details };
}

/** Seals and small members; disk bytes never pass through this process. */
const archiveFacts: ArchiveFacts = {
  async read(path, signal) {
    await using archive = await openArchive(path, signal);
    const { header, seal, archiveBytes, manifest } = archive;
    const { finishedAtMs, disks } = manifest;
    return { header, seal, archiveBytes, finishedAtMs, disks };
  },
  async readMember(path, member) {
    await using archive = await openArchive(path);
    return await archive.readMember(member);
  },
};

async function openArchive(path: string, signal?: AbortSignal): Promise<ArchiveReader> {
  // Loaded when first needed: the service starts and says what is wrong even without its native part.
  const { blake3, Blake3 } = await import('#transport/native/digest.ts');
  const { zstdDecode } = await import('#transport/native/zstd.ts');
  return ArchiveReader.open(path, {
    digester: { digest: blake3, create: () => new Blake3() },
    codec: { decompress: zstdDecode },
    signal,
  });
}
