import { ColdframeError } from '#core/error.ts';

import type { Guestfish } from './guestfish.ts';
import { notThere } from './not-there.ts';
import { structList, structText } from './struct-text.ts';

export type Figures = ReadonlyMap<string, number>;

/** Names that mean themselves in a list of words; others are asked for one at a time. */
const plainName = /^[A-Za-z0-9._+,:@%=~-]+$/;
/** Keeps a command well below what guestfish reads in a line. */
const batchBytes = 6000;

/** lstat of names in one folder, in their order; `path` is the folder. */
export async function statEntries(
  guestfish: Guestfish,
  path: Buffer,
  names: readonly Buffer[],
): Promise<readonly Figures[]> {
  const found = new Map<Buffer, Figures>();
  await Promise.all(
    batches(names).map(async (batch) => {
      const [first] = batch;
      if (batch.length === 1 && first !== undefined) {
        const slash = path.length === 1 ? '' : '/';
        const file = Buffer.concat([path, Buffer.from(slash), first]);
        found.set(first, await statPath(guestfish, file));
        return;
      }
      const list = batch.map((name) => name.toString('latin1')).join(' ');
      const figures = structList(await guestfish.run(['lstatnslist', path, list]).catch(notThere));
      for (const [index, name] of batch.entries()) found.set(name, figures[index] ?? new Map());
    }),
  );
  return names.map((name) => {
    const figures = found.get(name);
    if (figures?.get('st_mode')) return figures;
    throw new ColdframeError('io', 'libguestfs could not say what the entries of the folder are.');
  });
}

/** Throws 'not-found'. */
export async function statPath(guestfish: Guestfish, path: Buffer): Promise<Figures> {
  return structText(await guestfish.run(['lstatns', path]).catch(notThere));
}

function batches(names: readonly Buffer[]): Buffer[][] {
  const out: Buffer[][] = [];
  let open: Buffer[] = [];
  let bytes = 0;
  for (const name of names) {
    if (!plainName.test(name.toString('latin1'))) {
      out.push([name]);
      continue;
    }
    if (open.length === 0 || bytes + name.length > batchBytes) {
      open = [];
      bytes = 0;
      out.push(open);
    }
    open.push(name);
    bytes += name.length + 1;
  }
  return out;
}
