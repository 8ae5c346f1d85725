import { readFile } from 'node:fs/promises';

import type { Clock } from '#core/clock.ts';
import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { NfsShare } from '#core/nfs.ts';

import type { Helper } from '../helper-client.ts';

/** After a refused or unanswered mount the next one waits so long; each ties up root's helper for a minute. */
const pauseMs = 30_000;

export interface NfsMounts {
  /** Throws 'repository' with what mount said. */
  mount(at: { readonly root: string; readonly nfs: NfsShare }): Promise<void>;
  unmount(root: string): Promise<void>;
  /** Mounts what the appliance is to mount and has not; nothing for folders and for what is mounted. */
  ensure(repository: RepositoryConfig): Promise<void>;
}

export interface NfsMountOptions {
  readonly helper: Helper;
  readonly clock: Clock;
  /** The kernel's list of mounts as this process sees it; tests have their own. */
  readonly mountInfo?: string;
}

/** The exports that repositories live on. What is mounted lasts until the next boot; then it is asked for again. */
export function createNfsMounts(options: NfsMountOptions): NfsMounts {
  const { helper, clock, mountInfo = '/proc/self/mountinfo' } = options;
  const underWay = new Map<string, Promise<void>>();
  const refused = new Map<string, { readonly atMs: number; readonly error: unknown }>();

  const mount: NfsMounts['mount'] = async ({ root, nfs: share }) => {
    await helper.ask('mount-nfs', { mountPoint: root, share });
  };
  const again = async (root: string, nfs: NfsShare): Promise<void> => {
    try {
      await mount({ root, nfs });
      refused.delete(root);
    } catch (error) {
      refused.set(root, { atMs: clock.now(), error });
      throw error;
    } finally {
      underWay.delete(root);
    }
  };
  return {
    mount,
    async unmount(root) {
      refused.delete(root);
      await helper.ask('unmount-nfs', { mountPoint: root });
    },
    async ensure({ root, nfs }) {
      if (nfs === undefined || (await isMounted(root, mountInfo))) return;
      const last = refused.get(root);
      if (last !== undefined && clock.now() - last.atMs < pauseMs) throw stillRefused(last.error);
      let work = underWay.get(root);
      if (work === undefined) {
        work = again(root, nfs);
        underWay.set(root, work);
      }
      await work;
    },
  };
}

/** By the kernel's list alone: looking at the folder itself would wait for a dead server. */
async function isMounted(root: string, mountInfo: string): Promise<boolean> {
  const lines = (await readFile(mountInfo, 'utf8')).split('\n');
  return lines.some((line) => {
    const [before = '', after = ''] = line.split(' - ');
    return before.split(' ')[4] === root && after.startsWith('nfs');
  });
}

function stillRefused(error: unknown): ColdframeError {
  const { code, message } = toErrorRecord(error);
  return new ColdframeError(code, `${message} The next attempt follows within half a minute.`, {
    cause: error,
  });
}
