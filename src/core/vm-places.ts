import { placeKinds, type PlaceRule } from './job.ts';
import type { VmWhere } from './vm.ts';

/**
 * Whether a VM runs on or in the place. A path is meant as a whole; pools and vApps hold what is in
 * the pools below them too. A name without a slash is the place's own.
 */
export function isInPlace(where: VmWhere, { by, path }: PlaceRule): boolean {
  switch (by) {
    case 'host':
    case 'cluster':
      return isPlace(where[by], path);
    case 'datastore':
      return where.datastores.some((each) => isPlace(each, path));
    case 'vapp':
      return isPlace(where.vApp, path);
    case 'tag':
      return where.tags?.some((each) => isPlace(each, path)) === true;
    case 'pool':
      return path.includes('/')
        ? `${where.pool}/`.startsWith(`${path}/`)
        : poolNames(where.pool).includes(path);
    default:
      return by satisfies never;
  }
}

function isPlace(actual: string, wanted: string): boolean {
  return wanted.includes('/') ? actual === wanted : actual.split('/').at(-1) === wanted;
}

/** "Datacenter/host/Cluster/Resources/A/B": A and B; what is above is no pool. */
function poolNames(path: string): readonly string[] {
  const [, ...below] = path.split('/Resources');
  return below.join('/Resources').split('/').slice(1);
}

/** "cluster:Datacenter/host/Cluster", as people write it; undefined when no kind of place leads. */
export function parsePlace(text: string): PlaceRule | undefined {
  const at = text.indexOf(':');
  const by = placeKinds.find((kind) => kind === text.slice(0, at).trim());
  const path = text
    .slice(at + 1)
    .trim()
    .replaceAll(/^\/+|\/+$/g, '');
  return by === undefined || path === '' ? undefined : { by, path };
}
