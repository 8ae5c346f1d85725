import { ColdframeError } from '#core/error.ts';
import type { Moref } from '#core/vm.ts';
import { ancestorsOf } from './ancestors.ts';
import { decodeName } from './names.ts';
import { readAll, readObject } from './properties.ts';
import { morefAt, textAt, type VimObject, type VimValue, morefOf } from './value.ts';
import type { Vim } from './vim.ts';

/** The folder at "Datacenter/vm/...". Throws `not-found`. */
export async function findFolder(
  vim: Vim,
  folderPath: string,
  signal: AbortSignal,
): Promise<Moref> {
  const parameters = {
    _this: vim.connection.service('searchIndex'),
    inventoryPath: folderPath,
  };
  const found = morefOf(await vim.connection.call('FindByInventoryPath', parameters, { signal }));
  if (found?.type === 'Folder') return found;
  throw new ColdframeError(
    'not-found',
    `There is no VM folder "${folderPath}" at this endpoint. Choose a folder that exists.`,
  );
}

/** The pool named, else the root pool of the host's or datacenter's first cluster. */
export async function findPool(
  vim: Vim,
  where: {
    readonly folder: Moref;
    readonly resourcePoolMoref?: string;
    readonly hostMoref?: string;
  },
  signal: AbortSignal,
): Promise<Moref> {
  const { connection } = vim;
  if (where.resourcePoolMoref !== undefined)
    return { type: 'ResourcePool', value: where.resourcePoolMoref };
  if (where.hostMoref !== undefined) {
    const host = { type: 'HostSystem', value: where.hostMoref };
    const { values } = await readObject(connection, host, { paths: ['parent'], signal });
    const cluster = morefAt(values, 'parent');
    if (cluster !== undefined) return poolOf(vim, cluster, signal);
  }
  const datacenter = (await ancestorsOf(connection, where.folder, { signal })).find(
    ({ object }) => object.type === 'Datacenter',
  )?.object;
  for (const { object } of await readAll(connection, { ComputeResource: ['name'] }, { signal })) {
    const above = await ancestorsOf(connection, object, { signal });
    if (above.some(({ object: entity }) => entity.value === datacenter?.value))
      return poolOf(vim, object, signal);
  }
  throw new ColdframeError('not-found', 'The datacenter of the folder has no host to put a VM on.');
}

async function poolOf(vim: Vim, computeResource: Moref, signal: AbortSignal): Promise<Moref> {
  const { values } = await readObject(vim.connection, computeResource, {
    paths: ['resourcePool'],
    signal,
  });
  const pool = morefAt(values, 'resourcePool');
  if (pool !== undefined) return pool;
  throw new ColdframeError(
    'no-permission',
    `The resource pool of ${computeResource.value} is not visible to the account.`,
  );
}

/**
 * Chooses a network card's new backing: the network that `networkMap` gives for the
 * saved one's name, else the one of the same name. The function throws `invalid-input`
 * for a network that is not there.
 */
export async function networkChooser(
  vim: Vim,
  networkMap: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<(saved: VimValue | undefined) => VimObject> {
  const networks = await readAll(
    vim.connection,
    {
      Network: ['name'],
      DistributedVirtualPortgroup: ['name', 'key', 'config.distributedVirtualSwitch'],
    },
    { signal },
  );
  const switches = await readAll(
    vim.connection,
    { DistributedVirtualSwitch: ['uuid'] },
    { signal },
  );
  const switchUuids = new Map(
    switches.map(({ object, values }) => [object.value, textAt(values, 'uuid') ?? '']),
  );
  const byKey = new Map(networks.map((network) => [textAt(network.values, 'key') ?? '', network]));
  return (saved) => {
    const portgroup = byKey.get(textAt(saved, 'port.portgroupKey') ?? '-');
    const old = textAt(saved, 'deviceName') ?? textAt(portgroup?.values, 'name') ?? '';
    const name = networkMap[decodeName(old)] ?? decodeName(old);
    const target = networks.find(({ values }) => decodeName(textAt(values, 'name') ?? '') === name);
    if (target === undefined)
      throw new ColdframeError(
        'invalid-input',
        `The VM's network "${name}" does not exist at this endpoint. Say which network to use instead.`,
        { details: { network: name } },
      );
    if (target.object.type !== 'DistributedVirtualPortgroup')
      return {
        $type: 'VirtualEthernetCardNetworkBackingInfo',
        deviceName: textAt(target.values, 'name') ?? '',
      };
    const switchMoref = morefOf(target.values['config.distributedVirtualSwitch'])?.value ?? '';
    return {
      $type: 'VirtualEthernetCardDistributedVirtualPortBackingInfo',
      port: {
        switchUuid: switchUuids.get(switchMoref) ?? '',
        portgroupKey: textAt(target.values, 'key') ?? '',
      },
    };
  };
}
