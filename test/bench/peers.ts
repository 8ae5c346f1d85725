import { execFile } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { standInDir } from '../demo/stage.ts';
import { shellQuote } from './shell-quote.ts';
import { server, snapshot, standInMap, vm, vmdkName } from './ours/stand-in.ts';

/** How nbdkit reaches the disk: 'vddk' through the stand-in library as ours does, where that plugin is installed. */
export type NbdkitPlugin = 'vddk' | 'file';

/** Debian leaves the vddk plugin out of its packages; a build of one's own is found in nbdkit's plugin folder. */
export async function installedPlugin(): Promise<NbdkitPlugin> {
  try {
    await promisify(execFile)('nbdkit', ['--dump-plugin', 'vddk', `libdir=${standInDir}`]);
    return 'vddk';
  } catch {
    return 'file';
  }
}

export interface NbdkitOptions {
  readonly plugin: NbdkitPlugin;
  readonly delayReadMs?: number;
  readonly writable?: boolean;
}

/** nbdkit serving `file`, with `command` run against it as $uri. */
export function nbdkit(file: string, command: string, options: NbdkitOptions): string {
  const words = options.plugin === 'vddk' ? vddkWords(file, options) : fileWords(file, options);
  const mode = options.writable === true ? [] : ['-r'];
  return ['env', ...words.env, 'nbdkit', '-U', '-', ...mode, ...words.source, '--run', command]
    .map(shellQuote)
    .join(' ');
}

interface Words {
  readonly env: readonly string[];
  readonly source: readonly string[];
}

function fileWords(file: string, { delayReadMs }: NbdkitOptions): Words {
  if (delayReadMs === undefined) return { env: [], source: ['file', file] };
  return { env: [], source: ['--filter=delay', 'file', file, `rdelay=${delayReadMs}ms`] };
}

function vddkWords(file: string, { delayReadMs, writable }: NbdkitOptions): Words {
  const map = standInMap(join(dirname(file), `${basename(file)}.nbdkit`), [file]);
  return {
    env: [
      `COLDFRAME_LAB_VDDK_MAP=${map}`,
      ...(delayReadMs === undefined ? [] : [`COLDFRAME_LAB_VDDK_LATENCY_MS=${delayReadMs}`]),
    ],
    source: [
      'vddk',
      `libdir=${standInDir}`,
      `server=${server.host}`,
      `user=${server.user}`,
      `password=${server.password}`,
      `thumbprint=${server.thumbprint}`,
      `vm=moref=${vm}`,
      ...(writable === true ? [] : [`snapshot=${snapshot}`]),
      'transports=nbdssl',
      vmdkName(file),
    ],
  };
}
