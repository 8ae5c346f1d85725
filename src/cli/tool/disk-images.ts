import { OpenDisks } from '#archive/open-disks.ts';
import type { ArchiveFiles } from '#core/api.ts';

import type { ArgumentSpec, CommandInput, OptionSpec } from '../command.ts';
import { loadCodecs } from './codecs.ts';
import { identityOption, loadIdentities } from './identities.ts';

export const archivesArgument: ArgumentSpec = {
  name: 'ARCHIVE',
  summary: 'the archive and those that it builds on, in any order',
  many: true,
};

export const restorePointArgument: ArgumentSpec = {
  name: 'RESTORE_POINT',
  summary: 'id from "coldframe restore-point list"',
};

/** Options of every command that reads disks out of archives. */
export const diskOptions: Readonly<Record<string, OptionSpec>> = {
  disk: { value: 'LABEL', short: 'd', summary: 'only this disk; may be repeated', many: true },
  identity: identityOption,
};

/** Where a command finds its archives: as named, or as the service knows them. */
export type FindArchives = (input: CommandInput) => Promise<readonly string[]>;

export const namedArchives: FindArchives = (input) =>
  Promise.resolve(input.manyArguments('ARCHIVE'));

/** The service says where they lie; they are read here, so that no disk's bytes pass through it. */
export const archivesOfRestorePoint: FindArchives = async ({ client, argument }) => {
  const id = encodeURIComponent(argument('RESTORE_POINT'));
  const { archives } = await client.get<ArchiveFiles>(`/restore-points/${id}/archives`);
  return archives.map(({ path }) => path);
};

/** The disks of the restore point, or those that `--disk` names. */
export async function openDisks(
  { texts, signal }: CommandInput,
  files: readonly string[],
): Promise<OpenDisks> {
  const disks = texts('disk');
  return OpenDisks.open({
    ...(await loadCodecs()),
    identities: await loadIdentities(texts('identity')),
    signal,
    files,
    ...(disks.length === 0 ? {} : { disks }),
  });
}
