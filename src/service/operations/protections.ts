import { join } from 'node:path';

import type { Clock } from '#core/clock.ts';
import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { TaskLog } from '#engine/ports.ts';

import type { Helper } from '../helper-client.ts';
import type { RepositoryStore } from '../ports.ts';
import type { TaskOutcome } from '../runs/run-task.ts';
import type { Repositories } from './repositories.ts';

const dayMs = 24 * 3600 * 1000;

export interface ProtectionOptions {
  readonly store: Pick<RepositoryStore, 'saveRepository'>;
  readonly repositories: Pick<Repositories, 'find'>;
  readonly helper: Helper;
  readonly clock: Clock;
  /** Tries, as the service's user, to overwrite and to delete. */
  readonly prove: (
    repository: RepositoryConfig,
    path: string,
  ) => Promise<Record<'overwriting' | 'deleting', 'refused' | 'possible'>>;
}

/** Archives that nobody but root can change or delete until a date, on a local ext4 or XFS. */
export interface Protections {
  /** 0: new archives are not protected; what is protected stays so until its date. */
  set(wanted: string, days: number): Promise<RepositoryConfig>;
  /** Protects a new archive and proves it. Never throws: the backup is made, whatever becomes of this. */
  protect(
    archive: { readonly repository: RepositoryConfig; readonly path: string },
    log: TaskLog,
  ): Promise<Pick<TaskOutcome, 'warnings' | 'result'> | undefined>;
}

export function createProtections(options: ProtectionOptions): Protections {
  const { store, repositories, helper, clock, prove } = options;
  return {
    async set(wanted, days) {
      const { protectDays: _, ...plain } = await repositories.find(wanted);
      if (days > 0 && plain.nfs !== undefined)
        throw new ColdframeError(
          'not-eligible',
          `"${plain.name}" is on NFS, where only the file server can protect files. Use its snapshots, or a repository on the appliance's own disk.`,
        );
      const changed = days === 0 ? plain : { ...plain, protectDays: days };
      await store.saveRepository(changed);
      return changed;
    },
    async protect({ repository, path }, log) {
      if (repository.protectDays === undefined) return undefined;
      const wantedMs = clock.now() + repository.protectDays * dayMs;
      try {
        const file = join(repository.root, path);
        const { untilMs } = await helper.ask('protect', { path: file, untilMs: wantedMs });
        const proof = await prove(repository, path);
        const until = new Date(untilMs).toISOString();
        const warnings = weaknesses(proof);
        log.info(
          `Protected until ${until}: overwriting ${proof.overwriting}, deleting ${proof.deleting}`,
        );
        for (const warning of warnings) log.warn(warning);
        return { warnings, result: { protection: { until, ...proof } } };
      } catch (error) {
        const text = `The backup is good, but it could not be protected: ${toErrorRecord(error).message}`;
        log.warn(text);
        return { warnings: [text], result: {} };
      }
    },
  };
}

function weaknesses(proof: Awaited<ReturnType<ProtectionOptions['prove']>>): readonly string[] {
  return Object.entries(proof)
    .filter(([, outcome]) => outcome === 'possible')
    .map(
      ([what]) =>
        `The backup is good, but ${what} it was possible in spite of its protection. Its file system must be ext4 or XFS.`,
    );
}
