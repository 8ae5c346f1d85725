import {
  needsOn,
  privilegePurposes,
  type PrivilegePlace,
  type PrivilegePurpose,
} from './privileges.ts';

/** An object of the inventory whose privileges are looked at. */
export interface PrivilegeObject {
  readonly place: PrivilegePlace;
  readonly type: string;
  readonly moref: string;
  readonly name: string;
}

/** One privilege that the account lacks, on one kind of object. */
export interface PrivilegeGap {
  readonly id: string;
  readonly purpose: PrivilegePurpose;
  readonly place: PrivilegePlace;
  readonly use: string;
  readonly optional: boolean;
  /** Of how many that were looked at it is missing, and the first few names. */
  readonly missingOn: number;
  readonly lookedAt: number;
  readonly names: readonly string[];
}

export interface PrivilegeAsk {
  readonly object: PrivilegeObject;
  readonly ids: readonly string[];
}

const namesShown = 5;

/** What to ask vSphere about each object. */
export function privilegeAsks(
  objects: readonly PrivilegeObject[],
  purposes: readonly PrivilegePurpose[] = privilegePurposes,
): readonly PrivilegeAsk[] {
  return objects.flatMap((object) => {
    const ids = new Set(needsOn(object.place, purposes).map(({ id }) => id));
    return ids.size === 0 ? [] : [{ object, ids: [...ids] }];
  });
}

/** The answers, put together by privilege and kind of object; what is needed comes first. */
export function privilegeGaps(
  objects: readonly PrivilegeObject[],
  lacks: (object: PrivilegeObject, id: string) => boolean,
  purposes: readonly PrivilegePurpose[] = privilegePurposes,
): readonly PrivilegeGap[] {
  const gaps: PrivilegeGap[] = [];
  for (const place of new Set(objects.map((object) => object.place))) {
    const there = objects.filter((object) => object.place === place);
    for (const { id, purpose, use, optional } of needsOn(place, purposes)) {
      const without = there.filter((object) => lacks(object, id));
      if (without.length === 0) continue;
      gaps.push({
        id,
        purpose,
        place,
        use,
        optional: optional === true,
        missingOn: without.length,
        lookedAt: there.length,
        names: without.slice(0, namesShown).map(({ name }) => name),
      });
    }
  }
  return gaps.toSorted(
    (a, b) =>
      Number(a.optional) - Number(b.optional) ||
      privilegePurposes.indexOf(a.purpose) - privilegePurposes.indexOf(b.purpose),
  );
}

const placeWords: Readonly<Record<PrivilegePlace, readonly [string, string]>> = {
  root: ['the top of the inventory', 'the top of the inventory'],
  vm: ['VM', 'VMs'],
  appliance: ['the appliance', 'the appliance'],
  datastore: ['datastore', 'datastores'],
  folder: ['folder', 'folders'],
  pool: ['resource pool', 'resource pools'],
  network: ['network', 'networks'],
};

/** "VirtualMachine.Config.RemoveDisk on the appliance coldframe (to let go of them)". */
export function gapText(gap: PrivilegeGap): string {
  return `${gap.id} on ${where(gap)} (to ${gap.use})`;
}

function where({ place, missingOn, lookedAt, names }: PrivilegeGap): string {
  const [one, many] = placeWords[place];
  if (place === 'root') return one;
  if (missingOn === 1) return `${one} "${names[0] ?? ''}"`;
  if (missingOn === lookedAt) return `all ${lookedAt} ${many}`;
  const more = missingOn > names.length ? ', …' : '';
  return `${missingOn} of ${lookedAt} ${many}: ${names.join(', ')}${more}`;
}
