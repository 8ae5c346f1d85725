import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { ColdframeError } from '#core/error.ts';

export interface Qcow2Options {
  /** Address of an NBD export. */
  readonly uri: string;
  readonly target: string;
  readonly signal: AbortSignal;
  /** From 0 to 1. */
  readonly onShare: (share: number) => void;
}

const maxWords = 4096;

/** Lets qemu-img read the disk over NBD and write a compressed qcow2 image. */
export async function convertToQcow2(options: Qcow2Options): Promise<void> {
  const { uri, target, signal, onShare } = options;
  signal.throwIfAborted();
  const child = spawn(
    'qemu-img',
    ['convert', '-p', '-c', '-O', 'qcow2', '-o', 'compression_type=zstd', uri, target],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' } },
  );
  const stop = (): boolean => child.kill();
  signal.addEventListener('abort', stop, { once: true });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-maxWords);
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const percent = /([\d.]+)\/100%/.exec(text)?.[1];
    if (percent !== undefined) onShare(Number(percent) / 100);
  });
  try {
    // 'close' comes when everything that it said has been read.
    const [code] = (await once(child, 'close')) as [number | null];
    signal.throwIfAborted();
    if (code !== 0)
      throw new ColdframeError('io', `qemu-img could not write ${target}: ${words.trim()}`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new ColdframeError(
        'invalid-input',
        'qcow2 images are written by qemu-img, which is not installed. Install the package qemu-utils, or choose --format raw or vmdk.',
        { cause: error },
      );
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
