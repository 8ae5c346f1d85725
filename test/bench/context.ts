import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { standInDir } from '../demo/stage.ts';
import { shellQuote } from './shell-quote.ts';
import { diskImage, mixed, warm } from './image.ts';
import { installedPlugin, type NbdkitPlugin } from './peers.ts';

/** One figure: a ratio of medians of one interleaved run; above 1 means better than the peer. */
export interface BenchResult {
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
  readonly unit: string;
  readonly detail: string;
  /** The ratio that the project has promised itself. */
  readonly target?: number;
}

export interface BenchContext extends AsyncDisposable {
  readonly rounds: number;
  /** The page-cached 8 GiB source. */
  readonly image: string;
  readonly nbdkitPlugin: NbdkitPlugin;
  /** Scratch folder on the same disk as the repository; emptied at the end. */
  readonly scratch: string;
  /** Command line of one of the programs in ours/, on the pinned Node, with the stand-in library. */
  ours(script: string, options: Readonly<Record<string, string>>): string;
}

export interface BenchCase {
  readonly name: string;
  readonly what: string;
  run(context: BenchContext): Promise<Record<string, BenchResult>>;
}

const root = join(import.meta.dirname, '..', '..');

export async function prepare(options: { readonly rounds: number }): Promise<BenchContext> {
  const cache = join(root, '.cache', 'bench');
  const scratch = join(cache, 'scratch');
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  process.stdout.write('preparing the 8 GiB source image (first time about a minute)\n');
  const image = await diskImage(join(cache, 'mixed-8g.raw'), mixed);
  await warm(image);
  const nbdkitPlugin = await installedPlugin();
  process.stdout.write(`nbdkit serves by its ${nbdkitPlugin} plugin\n`);
  return {
    nbdkitPlugin,
    rounds: options.rounds,
    image,
    scratch,
    ours: (script, values) =>
      [
        'env',
        // As the service's unit has it.
        `NODE_COMPILE_CACHE=${join(cache, 'node')}`,
        process.execPath,
        join(import.meta.dirname, 'ours', script),
        ...Object.entries({ 'lib-dir': standInDir, ...values }).map(
          ([name, value]) => `--${name}=${value}`,
        ),
      ]
        .map(shellQuote)
        .join(' '),
    [Symbol.asyncDispose]: () => rm(scratch, { recursive: true, force: true }),
  };
}
