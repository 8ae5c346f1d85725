import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import type { EngineContext, VsphereConnection } from './ports.ts';

const lostSettings =
  'The firmware settings (NVRAM: boot order, Secure Boot keys) were not restored';

/**
 * Gives a new VM the firmware settings that were saved. Must come before its first power-on.
 * A failure costs settings and no data, so it is a warning.
 */
export async function bringBackNvram(
  context: EngineContext,
  job: {
    readonly connection: VsphereConnection;
    readonly repository: RepositoryConfig;
    readonly point: RestorePoint;
    /** vm/config.json. */
    readonly config: unknown;
    readonly vmMoref: string;
  },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { connection, config, vmMoref } = job;
  try {
    const data = await savedNvram(context, job);
    if (data === undefined) return [];
    if (isEncrypted(config))
      return warn(context, 'they are encrypted with a key of the original VM.');
    await connection.writeNvram({ vmMoref, data }, signal);
    context.log.info(`Brought back the firmware settings (${data.length} bytes of NVRAM)`);
    return [];
  } catch (error) {
    signal.throwIfAborted();
    return warn(context, toErrorRecord(error).message);
  }
}

async function savedNvram(
  { repositories }: EngineContext,
  { repository, point }: { readonly repository: RepositoryConfig; readonly point: RestorePoint },
): Promise<Uint8Array | undefined> {
  try {
    return await repositories.readMember(repository, point.path, 'vm/nvram');
  } catch (error) {
    // The archive itself is there: its other members were read a moment ago.
    if (error instanceof ColdframeError && error.code === 'not-found') return undefined;
    throw error;
  }
}

function isEncrypted(config: unknown): boolean {
  return typeof config === 'object' && config !== null && 'keyId' in config;
}

function warn({ log }: EngineContext, reason: string): readonly string[] {
  const warning = `${lostSettings}: ${reason} The VM starts with the defaults of its firmware.`;
  log.warn(warning);
  return [warning];
}
