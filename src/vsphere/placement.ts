import type { Moref, Placement } from '#core/vm.ts';
import { ancestorsOf, folderPath } from './ancestors.ts';
import { decodeName } from './names.ts';
import { readFiltered, readObject } from './properties.ts';
import { customValuesOf } from './custom-values.ts';
import { asList, isMoref, morefAt, textAt, type VimValue, morefOf } from './value.ts';
import { vmRef, type Vim } from './vim.ts';

/** Names and morefs of what a VM hangs on, to find it all again at a restore. */
export async function readPlacement(
  vim: Vim,
  vmMoref: string,
  signal: AbortSignal,
): Promise<Placement> {
  const vm = vmRef(vmMoref);
  const { values } = await readObject(vim.connection, vm, {
    paths: [
      'resourcePool',
      'runtime.host',
      'datastore',
      'network',
      'customValue',
      'availableField',
    ],
    signal,
  });
  const host = morefOf(values['runtime.host']);
  const datastores = references(values['datastore']);
  const networks = references(values['network']);
  const names = await namesOf(
    vim,
    [...(host === undefined ? [] : [host]), ...datastores, ...networks],
    signal,
  );
  const named = ({ value }: Moref): { moref: string; name: string } => ({
    moref: value,
    name: names.get(value) ?? '',
  });
  return {
    folderPath: folderPath(await ancestorsOf(vim.connection, vm, { signal })),
    resourcePoolMoref: morefAt(values, 'resourcePool')?.value ?? '',
    hostMoref: host?.value ?? '',
    hostName: host === undefined ? '' : named(host).name,
    datastores: datastores.map(named),
    networks: networks.map(named),
    customValues: customValuesOf(values),
  };
}

async function namesOf(
  vim: Vim,
  objects: readonly Moref[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (objects.length === 0) return new Map();
  const found = await readFiltered(
    vim.connection,
    {
      propSet: [{ type: 'ManagedEntity', pathSet: ['name'] }],
      objectSet: objects.map((obj) => ({ obj })),
    },
    { signal },
  );
  return new Map(
    found.map(({ object, values }) => [object.value, decodeName(textAt(values, 'name') ?? '')]),
  );
}

function references(value: VimValue | undefined): readonly Moref[] {
  return asList(value).filter(isMoref);
}
