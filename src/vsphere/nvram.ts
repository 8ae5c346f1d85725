import { ColdframeError } from '#core/error.ts';
import { ancestorsOf, folderPath } from './ancestors.ts';
import { readObject } from './properties.ts';
import { listAt, textAt } from './value.ts';
import { vmRef, type Vim } from './vim.ts';

export interface NvramWrite {
  readonly vmMoref: string;
  readonly data: Uint8Array;
}

/** The VM's NVRAM file over the datastore's HTTP access; undefined where there is none. */
export async function readNvram(
  vim: Vim,
  vmMoref: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { laidOut } = await nvramFiles(vim, vmMoref, signal);
  if (laidOut === undefined) return undefined;
  return vim.connection.download(await fileUrl(vim, { vmMoref, file: laidOut }, signal), {
    signal,
  });
}

/**
 * Replaces the NVRAM of a VM that has not been powered on since it was made, over the datastore's
 * HTTP access. Needs Datastore.Browse and Datastore.FileManagement.
 */
export async function writeNvram(
  vim: Vim,
  { vmMoref, data }: NvramWrite,
  signal: AbortSignal,
): Promise<void> {
  const { laidOut, expected } = await nvramFiles(vim, vmMoref, signal);
  const url = await fileUrl(vim, { vmMoref, file: laidOut ?? expected }, signal);
  await vim.connection.upload(url, data, { signal });
}

/** Before its first power-on a VM may have no such file; `expected` is where its host will look. */
async function nvramFiles(
  vim: Vim,
  vmMoref: string,
  signal: AbortSignal,
): Promise<{ readonly laidOut: string | undefined; readonly expected: string }> {
  const { values } = await readObject(vim.connection, vmRef(vmMoref), {
    paths: ['layoutEx.file', 'config.files.vmPathName'],
    signal,
  });
  const files = listAt({ files: values['layoutEx.file'] }, 'files');
  const nvram = files.find((entry) => textAt(entry, 'type') === 'nvram');
  const vmx = textAt({ vmx: values['config.files.vmPathName'] }, 'vmx') ?? '';
  return { laidOut: textAt(nvram, 'name'), expected: vmx.replace(/\.vmx$/, '.nvram') };
}

/** Path and query below https://server of a file named "[datastore] folder/file". */
async function fileUrl(
  vim: Vim,
  { vmMoref, file }: { readonly vmMoref: string; readonly file: string },
  signal: AbortSignal,
): Promise<string> {
  const place = splitDatastorePath(file);
  if (place === undefined)
    throw new ColdframeError(
      'vsphere-fault',
      `vSphere does not say where the files of VM ${vmMoref} are ("${file}"). Look at the VM in the vSphere Client.`,
    );
  const ancestors = await ancestorsOf(vim.connection, vmRef(vmMoref), { signal });
  const datacenter = ancestors.findIndex(({ object }) => object.type === 'Datacenter');
  const query = new URLSearchParams({
    dcPath: folderPath(ancestors.slice(datacenter)),
    dsName: place.datastore,
  });
  const path = place.path.split('/').map(encodeURIComponent).join('/');
  return `/folder/${path}?${query.toString()}`;
}

/** "[datastore] folder/file" in its parts. */
export function splitDatastorePath(
  text: string,
): { readonly datastore: string; readonly path: string } | undefined {
  const match = /^\[(.+?)\] ?(.+)$/.exec(text);
  return match === null ? undefined : { datastore: match[1] ?? '', path: match[2] ?? '' };
}
