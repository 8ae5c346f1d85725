import { ColdframeError } from './error.ts';
import type { ComputePlace, FolderPlace, Places } from './places.ts';

/** What the caller asks for; names or, where they may be ambiguous, morefs. */
export interface WishedPlace {
  /** "Datacenter/vm/Folder". */
  readonly folderPath?: string;
  readonly resourcePool?: string;
  readonly cluster?: string;
  readonly host?: string;
  readonly datastoreName?: string;
  /** By disk label. */
  readonly diskDatastores?: Readonly<Record<string, string>>;
}

/** Where the VM was; names that mean nothing at another endpoint. */
export interface FormerPlace {
  readonly folderPath: string;
  /** Only where the restore goes to the endpoint that the VM was backed up from. */
  readonly resourcePoolMoref?: string;
}

export interface DiskToPlace {
  readonly label: string;
  readonly capacityBytes: number;
  /** Of the disk that was backed up; '' when unknown. */
  readonly datastoreName: string;
  readonly thin: boolean;
}

export interface ChosenPlace {
  readonly folderPath: string;
  readonly datacenterMoref: string;
  readonly resourcePoolMoref: string;
  /** Name of the pool's cluster, host or pool, for people. */
  readonly computeName: string;
  readonly hostMoref?: string;
  /** Of the VM's own files. */
  readonly datastoreName: string;
  /** By disk label. */
  readonly diskDatastores: ReadonlyMap<string, string>;
  /** What differs from where the VM was, and doubts, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Where a new VM goes: what is asked for must be there; what is not asked for is as it was, and
 * where that is not there, the only choice. Throws 'invalid-input' with what there is to choose from.
 */
export function choosePlace(
  wish: WishedPlace,
  from: { readonly former: FormerPlace; readonly disks: readonly DiskToPlace[] },
  places: Places,
): ChosenPlace {
  const notes: string[] = [];
  const folder = chooseFolder(wish, from.former, { places, notes });
  const within = inDatacenter(places, folder.datacenter);
  const compute = chooseCompute(wish, from.former, { places: within, notes });
  const datastoreOf = datastoreChooser(wish, { places: within, notes });
  const diskDatastores = new Map(from.disks.map((disk) => [disk.label, datastoreOf(disk)]));
  notes.push(...spaceNotes(from.disks, diskDatastores, within));
  return {
    folderPath: folder.path,
    datacenterMoref: folder.datacenterMoref,
    resourcePoolMoref: compute.poolMoref,
    computeName: compute.name,
    ...(compute.hostMoref === undefined ? {} : { hostMoref: compute.hostMoref }),
    datastoreName: diskDatastores.values().next().value ?? datastoreOf(undefined),
    diskDatastores,
    notes,
  };
}

interface Ground {
  readonly places: Places;
  readonly notes: string[];
}

function chooseFolder(
  { folderPath }: WishedPlace,
  former: FormerPlace,
  { places, notes }: Ground,
): FolderPlace {
  const at = (path: string): FolderPlace | undefined =>
    places.folders.find((each) => each.path === path);
  if (folderPath !== undefined)
    return at(folderPath) ?? refuse('VM folder', folderPath, paths(places));
  const same = at(former.folderPath);
  if (same !== undefined) return same;
  const roots = places.folders.filter(({ path, datacenter }) => path === `${datacenter}/vm`);
  const alike = roots.filter(({ datacenter }) => former.folderPath.startsWith(`${datacenter}/`));
  const [root, other] = alike.length === 1 ? alike : roots;
  if (root === undefined || other !== undefined)
    return refuse('VM folder', former.folderPath, paths(places));
  notes.push(`The folder "${former.folderPath}" is not there; the VM is made in "${root.path}".`);
  return root;
}

function chooseCompute(
  { resourcePool, cluster, host }: WishedPlace,
  former: FormerPlace,
  { places, notes }: Ground,
): ComputePlace & { readonly hostMoref?: string } {
  if (host !== undefined) {
    const found = named('host', host, places.hosts);
    if (resourcePool === undefined) return { ...found, hostMoref: found.moref };
    return { ...named('resource pool', resourcePool, places.pools), hostMoref: found.moref };
  }
  if (resourcePool !== undefined) return named('resource pool', resourcePool, places.pools);
  if (cluster !== undefined) return named('cluster', cluster, places.clusters);
  const pool = places.pools.find(({ moref }) => moref === former.resourcePoolMoref);
  if (pool !== undefined) return pool;
  const [first, ...others] = places.clusters.filter(({ poolMoref }) => poolMoref !== '');
  if (first === undefined)
    throw new ColdframeError(
      'not-found',
      'No cluster or host of that datacenter can be seen by this account. Name another folder, or give the account the right to see one.',
    );
  if (others.length > 0 || former.resourcePoolMoref !== undefined)
    notes.push(`The resource pool of the VM is not there; it is made in "${first.name}".`);
  return first;
}

/** A choice for one disk, or for the VM's own files where it has no disk. */
function datastoreChooser(
  { datastoreName, diskDatastores }: WishedPlace,
  { places, notes }: Ground,
): (disk: DiskToPlace | undefined) => string {
  const usable = places.datastores.filter(({ accessible }) => accessible).map(({ name }) => name);
  return (disk) => {
    const asked = diskDatastores?.[disk?.label ?? ''] ?? datastoreName;
    if (asked !== undefined)
      return usable.includes(asked) ? asked : refuse('datastore', asked, usable);
    const before = disk?.datastoreName ?? '';
    if (usable.includes(before)) return before;
    const [only, other] = usable;
    if (only === undefined || other !== undefined) return refuse('datastore', before, usable);
    const note = `The datastore "${before}" is not there; "${only}" is used.`;
    if (!notes.includes(note)) notes.push(note);
    return only;
  };
}

/** Thick disks must fit; thin ones grow, so that they are only warned about. */
function spaceNotes(
  disks: readonly DiskToPlace[],
  chosen: ReadonlyMap<string, string>,
  { datastores }: Places,
): readonly string[] {
  const notes: string[] = [];
  for (const name of new Set(chosen.values())) {
    const here = disks.filter(({ label }) => chosen.get(label) === name);
    const sum = (all: readonly DiskToPlace[]): number =>
      all.reduce((bytes, { capacityBytes }) => bytes + capacityBytes, 0);
    const free = datastores.find((each) => each.name === name)?.freeBytes ?? 0;
    const thick = sum(here.filter(({ thin }) => !thin));
    if (thick > free)
      throw new ColdframeError(
        'no-space',
        `The datastore "${name}" has ${free} bytes free and the disks need ${thick}. Name another datastore, or let the disks be thin.`,
        { details: { datastore: name, freeBytes: free, neededBytes: thick } },
      );
    if (sum(here) > free)
      notes.push(
        `The datastore "${name}" has ${free} bytes free; its thin disks may grow to ${sum(here)}.`,
      );
  }
  return notes;
}

function inDatacenter(places: Places, datacenter: string): Places {
  const here = <T extends { readonly datacenter: string }>(all: readonly T[]): readonly T[] =>
    all.filter((each) => each.datacenter === datacenter);
  return {
    ...places,
    clusters: here(places.clusters),
    hosts: here(places.hosts),
    pools: here(places.pools),
    datastores: here(places.datastores),
  };
}

/** By moref, else by a name that is not ambiguous. */
function named(what: string, asked: string, all: readonly ComputePlace[]): ComputePlace {
  const byMoref = all.find(({ moref }) => moref === asked);
  if (byMoref !== undefined) return byMoref;
  const [found, other] = all.filter(({ name }) => name === asked);
  if (found !== undefined && other === undefined) return found;
  return refuse(
    what,
    asked,
    all.map(({ name, moref }) => `${name} (${moref})`),
  );
}

function paths({ folders }: Places): readonly string[] {
  return folders.map(({ path }) => path);
}

function refuse(what: string, asked: string, there: readonly string[]): never {
  const list = there.slice(0, 20).join(', ');
  throw new ColdframeError(
    'invalid-input',
    `There is no ${what} "${asked}" to put the VM in, or more than one. Name one of: ${list || 'none can be seen'}.`,
    { details: { asked, choices: there.slice(0, 100) } },
  );
}
