import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasSystemCode } from './system-code.ts';

const run = promisify(execFile);

export interface FoundEnvironment {
  readonly transport: 'guestinfo' | 'iso' | 'fw_cfg';
  readonly text: string;
}

export interface TransportPaths {
  /** The disc with the label that the OVF specification prescribes. */
  readonly disc: string;
  readonly firmwareFile: string;
  /** Where a temporary mount point may be made. */
  readonly runDir: string;
}

export const systemPaths: TransportPaths = {
  disc: String.raw`/dev/disk/by-label/OVF\x20ENV`,
  firmwareFile: '/sys/firmware/qemu_fw_cfg/by_name/opt/org.coldframe/ovf-env/raw',
  runDir: '/run',
};

const commandTimeoutMs = 30_000;

/** VMware first, then the disc of any OVF platform, then QEMU's firmware interface. */
export async function findEnvironment(
  paths: TransportPaths = systemPaths,
): Promise<FoundEnvironment | undefined> {
  const guestinfo = await fromGuestinfo();
  if (guestinfo !== undefined) return { transport: 'guestinfo', text: guestinfo };
  const disc = await fromDisc(paths);
  if (disc !== undefined) return { transport: 'iso', text: disc };
  const firmware = await readIfPresent(paths.firmwareFile);
  if (firmware !== undefined) return { transport: 'fw_cfg', text: firmware };
  return undefined;
}

/** vCenter keeps the guest's copy until the next power-off; then it makes a new one from the options of the VM. */
export async function replaceGuestinfo(text: string): Promise<void> {
  await run('vmtoolsd', ['--cmd', `info-set guestinfo.ovfEnv ${text}`], {
    timeout: commandTimeoutMs,
  });
}

async function fromGuestinfo(): Promise<string | undefined> {
  try {
    const { stdout } = await run('vmtoolsd', ['--cmd', 'info-get guestinfo.ovfEnv'], {
      timeout: commandTimeoutMs,
    });
    return stdout.trim() === '' ? undefined : stdout;
  } catch {
    // Not on VMware, or the VM was not deployed from an OVF: both are everyday cases.
    return undefined;
  }
}

async function fromDisc({ disc, runDir }: TransportPaths): Promise<string | undefined> {
  const mountPoint = await mkdtemp(join(runDir, 'ovf-env-'));
  try {
    try {
      await run('mount', ['-t', 'iso9660', '-o', 'ro,nosuid,nodev,noexec', disc, mountPoint], {
        timeout: commandTimeoutMs,
      });
    } catch {
      // No such disc in the drive.
      return undefined;
    }
    try {
      return await readIfPresent(join(mountPoint, 'ovf-env.xml'));
    } finally {
      await run('umount', [mountPoint], { timeout: commandTimeoutMs });
    }
  } finally {
    await rmdir(mountPoint);
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
