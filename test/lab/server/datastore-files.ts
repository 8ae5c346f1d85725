import { readFile, writeFile } from 'node:fs/promises';
import type { World } from '../operations/call.ts';

/** Largest file that goes this way: NVRAM and .vmx, never disks. */
const limitBytes = 1024 * 1024;

export interface FileRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: Buffer;
  readonly loggedIn: boolean;
}

export interface FileAnswer {
  readonly status: number;
  readonly body: Buffer | string;
}

/** GET and PUT of `/folder/<path>?dcPath=<datacenter>&dsName=<datastore>`. */
export async function datastoreFile(world: World, request: FileRequest): Promise<FileAnswer> {
  const { url } = request;
  if (!request.loggedIn) return { status: 401, body: 'Unauthorized' };
  const datastore = world.site.datastores.get(url.searchParams.get('dsName') ?? '');
  const datacenter = world.site.inventory.get(world.places.datacenter).read['name']?.();
  if (datastore === undefined || url.searchParams.get('dcPath') !== datacenter)
    return { status: 404, body: 'No such datastore' };
  const needed = request.method === 'PUT' ? 'Datastore.FileManagement' : 'Datastore.Browse';
  if (!world.privileges.isGranted(needed, datastore.ref)) return { status: 403, body: 'Forbidden' };
  const path = decodeURIComponent(url.pathname.slice('/folder/'.length));
  if (path.split('/').includes('..') || path.endsWith('.vmdk'))
    return { status: 403, body: 'Forbidden' };
  const file = world.site.hostPath(`[${datastore.name}] ${path}`);
  try {
    if (request.method === 'GET') return { status: 200, body: await readFile(file) };
    if (request.method !== 'PUT') return { status: 405, body: 'Method not allowed' };
    if (request.body.length > limitBytes) return { status: 413, body: 'Too large' };
    await writeFile(file, request.body);
    return { status: 201, body: '' };
  } catch {
    return { status: 404, body: 'File not found' };
  }
}
