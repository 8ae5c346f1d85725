import { ancestorsOf, folderPath } from './ancestors.ts';
import { readObject } from './properties.ts';
import { listAt, textAt } from './value.ts';
import { vmRef, type Vim } from './vim.ts';

/** The VM's NVRAM file over the datastore's HTTP access; undefined where there is none. */
export async function readNvram(
  vim: Vim,
  vmMoref: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { connection } = vim;
  const { values } = await readObject(connection, vmRef(vmMoref), {
    paths: ['layoutEx.file'],
    signal,
  });
  const file = listAt({ files: values['layoutEx.file'] }, 'files').find(
    (entry) => textAt(entry, 'type') === 'nvram',
  );
  const place = splitDatastorePath(textAt(file, 'name') ?? '');
  if (place === undefined) return undefined;
  const ancestors = await ancestorsOf(connection, vmRef(vmMoref), { signal });
  const datacenter = ancestors.findIndex(({ object }) => object.type === 'Datacenter');
  const query = new URLSearchParams({
    dcPath: folderPath(ancestors.slice(datacenter)),
    dsName: place.datastore,
  });
  const path = place.path.split('/').map(encodeURIComponent).join('/');
  return connection.download(`/folder/${path}?${query.toString()}`, { signal });
}

/** "[datastore] folder/file" in its parts. */
export function splitDatastorePath(
  text: string,
): { readonly datastore: string; readonly path: string } | undefined {
  const match = /^\[(.+?)\] ?(.+)$/.exec(text);
  return match === null ? undefined : { datastore: match[1] ?? '', path: match[2] ?? '' };
}
