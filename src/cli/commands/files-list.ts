import type { GuestEntries, GuestEntry } from '#core/guest-files.ts';

import type { CommandInput } from '../command.ts';
import { bytesText, timeText } from '../format.ts';

const pageSize = 500;
const kindLetters = { file: '-', folder: 'd', link: 'l', other: '?' } as const;

/** A folder of an open restore point, page by page. */
export async function listFolder(
  { client, output }: CommandInput,
  mount: string,
  path: string,
): Promise<void> {
  const all: GuestEntry[] = [];
  for (let from: number | undefined = 0; from !== undefined;) {
    const query = new URLSearchParams({ path, from: `${from}`, limit: `${pageSize}` });
    const page: GuestEntries = await client.get(`${mount}/entries?${query.toString()}`);
    all.push(...page.entries);
    from = page.next;
  }
  if (output.json) return output.document(all);
  if (all.length === 0) return output.note('The folder is empty.');
  output.table(
    [
      { title: 'MODE' },
      { title: 'OWNER', align: 'right' },
      { title: 'SIZE', align: 'right' },
      { title: 'MODIFIED' },
      { title: 'NAME' },
    ],
    all.map((entry) => [
      `${kindLetters[entry.kind]}${entry.mode.toString(8).padStart(4, '0')}`,
      `${entry.uid}:${entry.gid}`,
      entry.kind === 'file' ? bytesText(entry.bytes) : '',
      timeText(entry.modifiedAtMs),
      entry.linkTarget === undefined ? entry.name : `${entry.name} -> ${entry.linkTarget}`,
    ]),
  );
}
