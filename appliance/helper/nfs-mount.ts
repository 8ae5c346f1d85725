import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { HelperAnswer, HelperInput } from '#core/helper.ts';
import { nfsOptions, nfsSource } from '#core/nfs.ts';
import type { HelperWorld } from './world.ts';

/** Longer than systemd takes for it itself, so that its reason is heard. */
const startMs = 75_000;

/**
 * Mounts through a systemd mount unit of the current boot: systemd does the mounting, knows the unit and
 * unmounts it in order when the machine stops. After a boot the service asks again.
 */
export async function mountNfs(
  { mountPoint, share }: HelperInput<'mount-nfs'>,
  world: HelperWorld,
): Promise<HelperAnswer<'mount-nfs'>> {
  const { run, root } = world;
  const unit = unitName(mountPoint);
  const file = join(root, 'run/systemd/system', unit);
  const text = unitText(mountPoint, share);
  const present = await readFile(file, 'utf8').catch(() => undefined);
  const active = await isActive(unit, world);
  if (active && present === text) return { mounted: true, already: true };
  if (active)
    throw new ColdframeError(
      'busy',
      `Something else is mounted at ${mountPoint}. Remove the repository that uses it, or give this one another name.`,
    );
  await requireEmpty(join(root, mountPoint), mountPoint);
  await mkdir(join(root, mountPoint), { recursive: true, mode: 0o755 });
  await mkdir(join(root, 'run/systemd/system'), { recursive: true });
  await writeFile(file, text, { mode: 0o644 });
  await run(['systemctl', 'daemon-reload']);
  try {
    await run(['systemctl', 'start', unit], { timeoutMs: startMs });
  } catch (error) {
    throw await whyNot(unit, { world, error, share: nfsSource(share) });
  }
  return { mounted: true, already: false };
}

/** By the unit's options also when the server is dead; who still waits for it is left to himself. */
export async function unmountNfs(
  { mountPoint }: HelperInput<'unmount-nfs'>,
  world: HelperWorld,
): Promise<HelperAnswer<'unmount-nfs'>> {
  const { run, root } = world;
  const unit = unitName(mountPoint);
  const file = join(root, 'run/systemd/system', unit);
  // Only what we mounted: an administrator's own mount stays.
  if ((await readFile(file, 'utf8').catch(() => undefined)) === undefined)
    return { mounted: false };
  await run(['systemctl', 'stop', unit], { timeoutMs: startMs });
  await rm(file, { force: true });
  await run(['systemctl', 'daemon-reload']);
  return { mounted: false };
}

/** As systemd-escape --path makes it; mount points hold nothing that needs more. */
export function unitName(mountPoint: string): string {
  return `${mountPoint
    .slice(1)
    .replaceAll('-', String.raw`\x2d`)
    .replaceAll('/', '-')}.mount`;
}

export function unitText(mountPoint: string, share: HelperInput<'mount-nfs'>['share']): string {
  return `[Unit]
Description=Repository of coldframe at ${nfsSource(share)}
Wants=network-online.target
After=network-online.target

[Mount]
What=${nfsSource(share)}
Where=${mountPoint}
Type=nfs
Options=${nfsOptions(share)}
TimeoutSec=60s
LazyUnmount=yes
ForceUnmount=yes
`;
}

async function isActive(unit: string, { run }: HelperWorld): Promise<boolean> {
  return run(['systemctl', 'is-active', '--quiet', unit]).then(
    () => true,
    () => false,
  );
}

/** A folder with contents is not hidden under a mount. */
async function requireEmpty(folder: string, mountPoint: string): Promise<void> {
  const entries = await readdir(folder).catch(() => []);
  if (entries.length > 0)
    throw new ColdframeError(
      'busy',
      `${mountPoint} holds ${JSON.stringify(entries[0])} already. Give the repository another name.`,
    );
}

async function whyNot(
  unit: string,
  { world, error, share }: { world: HelperWorld; error: unknown; share: string },
): Promise<ColdframeError> {
  const log = await world
    .run(['journalctl', '--boot', '--unit', unit, '--output=cat', '--lines=20'])
    .catch(() => '');
  const said = log.split('\n').filter((line) => /^mount(\.nfs)?:|mount\.nfs/.test(line));
  const reason = said.at(-1)?.trim() ?? toErrorRecord(error).message;
  return new ColdframeError(
    'repository',
    `${share} cannot be mounted (${basename(unit)}): ${reason}. Check server, export, version and that the export admits this appliance.`,
    { cause: error },
  );
}
