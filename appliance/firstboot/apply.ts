import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FileToWrite, filesOf, type SettingGroup } from './files.ts';
import type { FirstBootSettings } from './settings.ts';
import { hasSystemCode } from './system-code.ts';

/** What was applied last, by group; a digest of the group's files. */
export interface AppliedState {
  readonly groups: Partial<Readonly<Record<SettingGroup, string>>>;
  /** Password, endpoint and NFS target are handed to the service once and never again. */
  readonly handedOver: boolean;
}

export const statePath = '/etc/coldframe/first-boot.json';

export async function readState(root: string): Promise<AppliedState> {
  try {
    return JSON.parse(await readFile(join(root, statePath), 'utf8')) as AppliedState;
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT') || error instanceof SyntaxError)
      return { groups: {}, handedOver: false };
    throw error;
  }
}

export async function writeState(root: string, state: AppliedState): Promise<void> {
  const text = `${JSON.stringify(state, undefined, 2)}\n`;
  await writeWhole(root, { path: statePath, mode: 0o644, text });
}

/** Writes the groups whose properties are not the ones applied last; returns which, and the new digests. */
export async function applyGroups(
  root: string,
  settings: FirstBootSettings,
  previous: AppliedState,
): Promise<{ readonly changed: readonly SettingGroup[]; readonly groups: AppliedState['groups'] }> {
  const changed: SettingGroup[] = [];
  const groups = { ...previous.groups };
  for (const [group, files] of entries(filesOf(settings))) {
    const digest = createHash('sha256').update(JSON.stringify(files)).digest('hex');
    if (previous.groups[group] === digest) continue;
    for (const file of files) await writeWhole(root, file);
    groups[group] = digest;
    changed.push(group);
  }
  return { changed, groups };
}

/** By way of a temporary file, so that a power cut leaves the old or the new one. */
export async function writeWhole(root: string, file: FileToWrite): Promise<void> {
  const path = join(root, file.path);
  if (file.text === undefined) {
    await rm(path, { force: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  {
    await using handle = await open(temporary, 'wx', file.mode);
    // The mode given to open is subject to the umask.
    await handle.chmod(file.mode);
    await handle.writeFile(file.text);
    await handle.sync();
  }
  await rename(temporary, path);
}

function entries(
  groups: ReturnType<typeof filesOf>,
): readonly (readonly [SettingGroup, readonly FileToWrite[]])[] {
  return Object.entries(groups) as [SettingGroup, readonly FileToWrite[]][];
}
