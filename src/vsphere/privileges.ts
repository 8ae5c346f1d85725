import type { PrivilegeAsk, PrivilegeObject } from '#core/privilege-gaps.ts';
import type { PrivilegePlace } from '#core/privileges.ts';
import { decodeName } from './names.ts';
import { readAll, readObject } from './properties.ts';
import { booleanAt, listAt, morefAt, textAt, type VimValue } from './value.ts';
import type { Vim } from './vim.ts';

/** Entities of one call: an answer has a line for each privilege of each. */
const entitiesAtATime = 100;

const placeTypes: Readonly<Record<string, PrivilegePlace>> = {
  Datastore: 'datastore',
  Folder: 'folder',
  ResourcePool: 'pool',
  Network: 'network',
};

/** Every place that a restore may use: VM folders, pools, datastores, networks. */
export async function privilegePlaces(
  vim: Vim,
  signal: AbortSignal,
): Promise<readonly PrivilegeObject[]> {
  const { connection } = vim;
  const found = await readAll(
    connection,
    {
      Datastore: ['name'],
      Folder: ['name', 'childType'],
      ResourcePool: ['name'],
      Network: ['name'],
    },
    { signal },
  );
  return found.flatMap(({ object, values }): PrivilegeObject[] => {
    // Subtypes such as distributed port groups and vApps are answered for too.
    const place =
      placeTypes[object.type] ?? (/Network|Portgroup/.test(object.type) ? 'network' : 'pool');
    const childTypes = listAt(values, 'childType');
    if (place === 'folder' && !childTypes.includes('VirtualMachine')) return [];
    const name = decodeName(textAt(values, 'name') ?? object.value);
    return [{ place, type: object.type, moref: object.value, name }];
  });
}

/** Of what is asked, what this login's account has not. Ids that the server does not know are granted. */
export async function missingPrivileges(
  vim: Vim,
  asks: readonly PrivilegeAsk[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const known = await knownPrivileges(vim, signal);
  const missing = new Map<string, Set<string>>();
  for (const { ids, objects } of byIds(asks)) {
    const privId = ids.filter((id) => known.has(id));
    if (privId.length === 0) continue;
    for (let at = 0; at < objects.length; at += entitiesAtATime) {
      const entity = objects.slice(at, at + entitiesAtATime).map(({ type, moref }) => ({
        type,
        value: moref,
      }));
      for (const answer of listAt({ list: await ask(vim, { entity, privId }, signal) }, 'list'))
        note(missing, answer);
    }
  }
  return missing;
}

function ask(
  vim: Vim,
  what: {
    readonly entity: readonly { readonly type: string; readonly value: string }[];
    readonly privId: readonly string[];
  },
  signal: AbortSignal,
): Promise<VimValue | undefined> {
  const { connection } = vim;
  return connection.call(
    'HasPrivilegeOnEntities',
    {
      _this: connection.service('authorizationManager'),
      entity: what.entity,
      sessionId: connection.userSessionKey,
      privId: what.privId,
    },
    { signal },
  );
}

function note(missing: Map<string, Set<string>>, answer: VimValue): void {
  const moref = morefAt(answer, 'entity')?.value ?? '';
  for (const each of listAt(answer, 'privAvailability'))
    if (booleanAt(each, 'isGranted') === false) {
      const ids = missing.get(moref) ?? new Set();
      missing.set(moref, ids.add(textAt(each, 'privId') ?? ''));
    }
}

async function knownPrivileges(vim: Vim, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { connection } = vim;
  const { values } = await readObject(connection, connection.service('authorizationManager'), {
    paths: ['privilegeList'],
    signal,
  });
  return new Set(listAt(values, 'privilegeList').map((each) => textAt(each, 'privId') ?? ''));
}

function byIds(
  asks: readonly PrivilegeAsk[],
): readonly { readonly ids: readonly string[]; readonly objects: readonly PrivilegeObject[] }[] {
  const groups = new Map<string, { ids: readonly string[]; objects: PrivilegeObject[] }>();
  for (const { object, ids } of asks) {
    const key = ids.join(' ');
    const group = groups.get(key) ?? { ids, objects: [] };
    group.objects.push(object);
    groups.set(key, group);
  }
  return [...groups.values()];
}
