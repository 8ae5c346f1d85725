import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { Clock } from '#core/clock.ts';
import { defaultNfsVersion, nfsVersions, parseNfsShare, type NfsShare } from '#core/nfs.ts';

import type { ServiceLog } from './log/logger.ts';
import type { Repositories } from './operations/repositories.ts';

/** The server may come up after us, as after a power cut in the whole house. */
const againMs = 2 * 60_000;
const name = 'nas';

const handOverSchema = z.looseObject({
  version: z.literal(1),
  nfs: z.object({ target: z.string(), options: z.string() }),
});

export interface FirstRepositoryOptions {
  readonly dataDir: string;
  readonly repositories: Pick<Repositories, 'add' | 'list'>;
  readonly clock: Clock;
  readonly log: ServiceLog;
}

/**
 * Adds the NFS export that was given at deployment as the first repository, and tries again until it can be
 * mounted or somebody has added another. Disposing stops that.
 */
export function addFirstRepository(options: FirstRepositoryOptions): AsyncDisposable {
  const stop = new AbortController();
  const work = untilAdded(options, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted)
      options.log.log('error', 'The export given at deployment is left alone.', { error });
  });
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await work;
    },
  };
}

async function untilAdded(options: FirstRepositoryOptions, signal: AbortSignal): Promise<void> {
  const { dataDir, repositories, clock, log } = options;
  const file = join(dataDir, 'first-boot.json');
  for (let told = false; ; told = true) {
    const given = await readGiven(file);
    if (given === undefined) return;
    const nfs = shareOf(given.nfs);
    if (nfs === undefined) {
      log.log(
        'warn',
        `${given.nfs.target} is no NFS export; add the first repository in the page.`,
      );
      return;
    }
    if ((await repositories.list(signal)).length > 0) return forget(file, given);
    try {
      const { repository } = await repositories.add({ name, nfs }, signal);
      log.log('info', `Added the repository "${name}" that was given at deployment.`, {
        details: { id: repository.id, root: repository.root },
      });
      return await forget(file, given);
    } catch (error) {
      if (signal.aborted) return;
      if (!told) log.log('warn', `The first repository ${given.nfs.target} must wait.`, { error });
    }
    await clock.sleep(againMs, signal);
  }
}

/** Of the given options, version and port count; the others are the appliance's own. */
function shareOf({ target, options }: z.infer<typeof handOverSchema>['nfs']): NfsShare | undefined {
  const wanted = new Map(
    options.split(',').map((each) => {
      const [key = '', value = ''] = each.split('=');
      return [key, value] as const;
    }),
  );
  const version = wanted.get('vers') ?? wanted.get('nfsvers');
  const share = parseNfsShare(
    target,
    nfsVersions.find((each) => each === version) ?? defaultNfsVersion,
  );
  const port = Number(wanted.get('port') ?? 0);
  if (share === undefined || port === 0 || share.port !== undefined) return share;
  return { ...share, port };
}

async function readGiven(file: string): Promise<z.infer<typeof handOverSchema> | undefined> {
  try {
    return handOverSchema.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch {
    // Not there, or damaged, which the hand-over has said.
    return undefined;
  }
}

/** What else was handed over stays. */
async function forget(file: string, given: z.infer<typeof handOverSchema>): Promise<void> {
  const { nfs: _done, ...rest } = given;
  if (Object.keys(rest).length === 1) return rm(file);
  await writeFile(`${file}.new`, `${JSON.stringify(rest)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
