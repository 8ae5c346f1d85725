import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ColdframeError } from '#core/error.ts';
import { type ExtentList, normaliseExtents } from '#core/extents.ts';

const run = promisify(execFile);

interface MapEntry {
  readonly start: number;
  readonly length: number;
  readonly zero: boolean;
}

/** Where a raw image holds data, as the file system (SEEK_DATA) tells qemu-img. */
export async function dataExtentsOfRaw(path: string, capacityBytes: number): Promise<ExtentList> {
  const options = { maxBuffer: 256 * 2 ** 20 };
  const { stdout } = await run(
    'qemu-img',
    ['map', '--output=json', '-f', 'raw', path],
    options,
  ).catch((cause: unknown) => {
    throw new ColdframeError(
      'io',
      `qemu-img cannot map ${path}. Is the Debian package qemu-utils installed, and the file readable?`,
      { cause },
    );
  });
  const entries = JSON.parse(stdout) as readonly MapEntry[];
  return normaliseExtents(
    entries.filter(({ zero }) => !zero).flatMap(({ start, length }) => [start, length]),
    capacityBytes,
  );
}
