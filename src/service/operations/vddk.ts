import { execFile } from 'node:child_process';
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';

import type { VddkStatus } from '#core/api.ts';
import type { IdSource } from '#core/clock.ts';
import { ColdframeError, wrapError } from '#core/error.ts';

import type { SettingStore } from '../ports.ts';

const run = promisify(execFile);
const majors = [9, 8, 7, 6];
const unpackMs = 120_000;

export interface VddkOptions {
  readonly dataDir: string;
  readonly settings: Pick<SettingStore, 'vddkDir' | 'setVddkDir'>;
  /** From the configuration; wins over what was installed. */
  readonly configuredDir?: string;
  readonly ids: IdSource;
}

export interface Vddk {
  installed(): Promise<{ readonly libDir: string; readonly version: string } | undefined>;
  status(): Promise<VddkStatus>;
  /** A folder is used where it lies; VMware's archive is unpacked into the data folder. */
  install(path: string, signal: AbortSignal): Promise<VddkStatus>;
}

export function createVddk(options: VddkOptions): Vddk {
  const { dataDir, settings, configuredDir, ids } = options;
  const installed: Vddk['installed'] = async () => {
    const libDir = configuredDir ?? (await settings.vddkDir());
    const version = libDir === undefined ? undefined : await versionIn(libDir);
    return libDir === undefined || version === undefined ? undefined : { libDir, version };
  };
  const status = async (): Promise<VddkStatus> => {
    const found = await installed();
    return found === undefined ? { installed: false } : { installed: true, ...found };
  };
  return {
    installed,
    status,
    async install(path, signal) {
      if (configuredDir !== undefined)
        throw new ColdframeError(
          'not-eligible',
          `The configuration sets the VDDK folder to ${configuredDir}. Remove "vddkDir" there first.`,
        );
      if (!isAbsolute(path))
        throw new ColdframeError('invalid-input', `"${path}" must be an absolute path.`);
      const kind = await stat(path).catch((error: unknown) => {
        throw new ColdframeError('invalid-input', `${path} cannot be read.`, { cause: error });
      });
      const libDir = kind.isDirectory()
        ? path
        : await unpack(path, { into: join(dataDir, 'vddk'), id: ids.next(), signal });
      if ((await versionIn(libDir)) === undefined) throw noLibrary(path);
      await settings.setVddkDir(libDir);
      return status();
    },
  };
}

function noLibrary(path: string): ColdframeError {
  return new ColdframeError(
    'invalid-input',
    `${path} holds no libvixDiskLib.so of version 6 to 9. Download "VMware Virtual Disk Development Kit" for Linux from Broadcom and give its .tar.gz, or the unpacked folder.`,
  );
}

/** "8.0.3" from the real name of lib64/libvixDiskLib.so.8, or of the flat folder's. */
async function versionIn(dir: string): Promise<string | undefined> {
  for (const major of majors)
    for (const folder of ['lib64', '.']) {
      const name = `libvixDiskLib.so.${major}`;
      const real = await realpath(join(dir, folder, name)).catch(() => undefined);
      if (real !== undefined) return /\.so\.([\d.]+)$/.exec(basename(real))?.[1] ?? String(major);
    }
  return undefined;
}

interface Unpacking {
  readonly into: string;
  readonly id: string;
  readonly signal: AbortSignal;
}

/** Unpacked beside, looked at, then renamed: a bad archive leaves nothing. */
async function unpack(archive: string, { into, id, signal }: Unpacking): Promise<string> {
  const incoming = join(into, `incoming-${id}`);
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  try {
    await run('tar', ['-xf', archive, '-C', incoming, '--no-same-owner'], {
      signal,
      timeout: unpackMs,
    });
    const inside = await rootOf(incoming);
    const version = inside === undefined ? undefined : await versionIn(inside);
    if (inside === undefined || version === undefined) throw noLibrary(archive);
    const target = join(into, `${version}-${id}`);
    await rename(inside, target);
    return target;
  } catch (error) {
    throw wrapError('invalid-input', `${archive} could not be unpacked with tar.`, error);
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}

/** VMware packs everything below vmware-vix-disklib-distrib/. */
async function rootOf(incoming: string): Promise<string | undefined> {
  if ((await versionIn(incoming)) !== undefined) return incoming;
  for (const entry of await readdir(incoming, { withFileTypes: true })) {
    const path = join(incoming, entry.name);
    if (entry.isDirectory() && (await versionIn(path)) !== undefined) return path;
  }
  return undefined;
}
