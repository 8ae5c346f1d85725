import type { DifferenceList, RepositoryDifferences } from '#core/api.ts';

import { exitCodes, type ExitCode } from './exit-codes.ts';
import { bytesText, count } from './format.ts';
import { printable, type Output } from './output.ts';

/** For people; of each kind so many. */
const mostShown = 20;

/** How a repository's folder and the catalog differ, and what to do about it. */
export function showDifferences(output: Output, found: RepositoryDifferences): void {
  const { archives, known, missing, unknown, changed, unfinished } = found;
  output.line(`${count(archives, 'archive')} in the folder, ${known} in the catalog.`);
  show(output, 'Not in the catalog', unknown, (path) => path);
  show(output, 'Not in the folder', missing, (path) => path);
  show(
    output,
    'Of another size than in the catalog',
    changed,
    ({ path, bytes, knownBytes }) => `${path}: ${bytesText(bytes)}, not ${bytesText(knownBytes)}`,
  );
  show(output, 'Unfinished, or being written', unfinished, (path) => path);
  if (unknown.count + changed.count > 0)
    output.note('To take up what is new or changed: coldframe repository rebuild NAME');
  if (missing.count > 0)
    output.note(
      'To forget what was deleted on purpose: coldframe repository rebuild NAME --forget-missing',
    );
}

/** Unfinished archives are every backup's; the others want a look. */
export function differencesCode({ missing, unknown, changed }: RepositoryDifferences): ExitCode {
  return missing.count + unknown.count + changed.count === 0 ? exitCodes.ok : exitCodes.warnings;
}

function show<T>(
  output: Output,
  title: string,
  list: DifferenceList<T>,
  words: (item: T) => string,
): void {
  if (list.count === 0) return;
  output.line(`${title}: ${list.count}`);
  for (const item of list.first.slice(0, mostShown)) output.line(`  ${printable(words(item))}`);
  if (list.count > mostShown) output.line(`  and ${list.count - mostShown} more`);
}
