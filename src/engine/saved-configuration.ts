import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { Placement } from '#core/vm.ts';

import type { EngineContext } from './ports.ts';

/** vm/config.json of a restore point. */
export async function readSavedConfig(
  context: EngineContext,
  repository: RepositoryConfig,
  point: RestorePoint,
): Promise<unknown> {
  return readJson(context, { repository, point, name: 'vm/config.json' });
}

/** vm/placement.json, with what is missing left empty: the caller may name another place. */
export async function readPlacement(
  context: EngineContext,
  repository: RepositoryConfig,
  point: RestorePoint,
): Promise<Placement> {
  const value = await readJson(context, { repository, point, name: 'vm/placement.json' });
  const saved: Partial<Placement> = typeof value === 'object' && value !== null ? value : {};
  return {
    folderPath: text(saved.folderPath),
    resourcePoolMoref: text(saved.resourcePoolMoref),
    hostMoref: text(saved.hostMoref),
    hostName: text(saved.hostName),
    datastores: Array.isArray(saved.datastores) ? saved.datastores : [],
    networks: Array.isArray(saved.networks) ? saved.networks : [],
    customValues: Array.isArray(saved.customValues) ? saved.customValues : [],
  };
}

/** Whether the saved configuration has a virtual TPM. */
export function hasTpm(config: unknown): boolean {
  const { hardware } = (config ?? {}) as { readonly hardware?: { readonly device?: unknown } };
  const devices: unknown = hardware?.device;
  return (
    Array.isArray(devices) &&
    devices.some((device: { readonly $type?: unknown } | null) => device?.$type === 'VirtualTPM')
  );
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

async function readJson(
  context: EngineContext,
  from: {
    readonly repository: RepositoryConfig;
    readonly point: RestorePoint;
    readonly name: string;
  },
): Promise<unknown> {
  const { repository, point, name } = from;
  const bytes = await context.repositories.readMember(repository, point.path, name);
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch (cause) {
    throw new ColdframeError('archive-damaged', `${name} of ${point.path} is not valid JSON.`, {
      cause,
    });
  }
}
