import { constants, open, readlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ColdframeError } from '#core/error.ts';
import type { HelperAnswer, HelperInput } from '#core/helper.ts';
import type { HelperWorld } from './world.ts';

/** Later than any date. */
const forGood = Number.MAX_SAFE_INTEGER;

/**
 * Set before the file becomes immutable; from then on nobody can change it, so the date is as safe as
 * the file. Whoever is root and lifts the flag can do anything.
 */
const attribute = 'user.coldframe.protected-until';

export async function protect(
  { path, untilMs }: HelperInput<'protect'>,
  world: HelperWorld,
): Promise<HelperAnswer<'protect'>> {
  await using file = await openArchive(path, world);
  const already = (await isImmutable(file, world)) ? await protectedUntil(file, world) : 0;
  if (already >= untilMs) return { untilMs: already };
  if (already > 0) await chattr('-i', file, world);
  await world.run(
    ['setfattr', '--no-dereference', '-n', attribute, '-v', String(untilMs), file.name],
    { cwd: file.folder },
  );
  await chattr('+i', file, world);
  return { untilMs };
}

export async function unprotect(
  { path }: HelperInput<'unprotect'>,
  world: HelperWorld,
): Promise<HelperAnswer<'unprotect'>> {
  await using file = await openArchive(path, world);
  if (!(await isImmutable(file, world))) return { wasProtected: false };
  const untilMs = await protectedUntil(file, world);
  if (untilMs === forGood)
    throw new ColdframeError(
      'not-eligible',
      `${path} was made immutable by somebody else. Whoever did can lift it with chattr -i.`,
    );
  if (world.clock.now() < untilMs)
    throw new ColdframeError(
      'not-eligible',
      `${path} is protected until ${new Date(untilMs).toISOString()}. It can be deleted after that.`,
      { details: { untilMs } },
    );
  await chattr('-i', file, world);
  return { wasProtected: true };
}

interface OpenArchive extends AsyncDisposable {
  /** The folder that was opened, whatever its path leads to by now. */
  readonly folder: string;
  readonly name: string;
}

/**
 * Opens folder and file without following links and makes sure that the path leads exactly there: the
 * service's user owns the folders above and might swap them under our feet.
 */
async function openArchive(path: string, { root }: HelperWorld): Promise<OpenArchive> {
  await using stack = new AsyncDisposableStack();
  const full = join(root, path);
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const folder = await opened(dirname(full), flags | constants.O_DIRECTORY);
  stack.use(folder);
  const inFolder = `/proc/${process.pid}/fd/${folder.fd}`;
  const file = await opened(join(inFolder, basename(full)), flags);
  stack.use(file);
  const stats = await file.stat();
  const real = await readlink(`/proc/self/fd/${file.fd}`);
  if (!stats.isFile() || stats.nlink !== 1 || real !== full)
    throw new ColdframeError(
      'invalid-input',
      `${path} is not a plain file of its own. The helper does not touch it.`,
    );
  const kept = stack.move();
  return {
    folder: inFolder,
    name: basename(full),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function opened(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags);
  } catch (cause) {
    throw new ColdframeError('not-found', `${basename(path)} cannot be opened.`, { cause });
  }
}

async function chattr(flag: '+i' | '-i', file: OpenArchive, { run }: HelperWorld): Promise<void> {
  await run(['chattr', flag, '--', `./${file.name}`], { cwd: file.folder });
}

async function isImmutable(file: OpenArchive, { run }: HelperWorld): Promise<boolean> {
  const [flags = ''] = (await run(['lsattr', '--', `./${file.name}`], { cwd: file.folder })).split(
    ' ',
  );
  return flags.includes('i');
}

/** An immutable file without our date is protected for good: an administrator made it so. */
async function protectedUntil(file: OpenArchive, { run }: HelperWorld): Promise<number> {
  const text = await run(
    ['getfattr', '--no-dereference', '--only-values', '-n', attribute, '--', file.name],
    { cwd: file.folder },
  ).catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : forGood;
}
