import { ColdframeError } from '#core/error.ts';
import type { Moref } from '#core/vm.ts';
import type { CallOptions } from './connection.ts';
import { isUnknownMethod } from './fault.ts';
import { decodeName } from './names.ts';
import { readAll, readObject } from './properties.ts';
import { asList, isMoref, textAt, type VimValue, morefOf } from './value.ts';
import { vmRef, type Vim } from './vim.ts';

/** One of: lasting identity (with a hint), moref, name. */
export type VmQuery =
  | { readonly instanceUuid: string; readonly morefHint?: string }
  | { readonly moref: string }
  | { readonly name: string };

/** What the guest's own hardware says about the VM that it runs in. */
export interface SelfIdentity {
  readonly biosUuids: readonly string[];
  readonly macAddresses: readonly string[];
}

/** The moref, or undefined when there is no such VM. Throws `invalid-input` when there are several. */
export async function findVm(
  vim: Vim,
  query: VmQuery,
  signal: AbortSignal,
): Promise<string | undefined> {
  if ('moref' in query) return (await exists(vim, query.moref, signal)) ? query.moref : undefined;
  if ('name' in query) return findByName(vim, query.name, signal);
  const { instanceUuid, morefHint } = query;
  const byInstance = await findAllByUuid(vim, { uuid: instanceUuid, instance: true }, { signal });
  // See vmIdentity: on a host the BIOS uuid may stand for it.
  const found =
    byInstance.length === 0 && vim.connection.isHost
      ? await findAllByUuid(vim, { uuid: instanceUuid, instance: false }, { signal })
      : byInstance;
  if (found.length === 0) return undefined;
  if (morefHint !== undefined && found.some(({ value }) => value === morefHint)) return morefHint;
  return only(found, `the instance UUID ${instanceUuid}`);
}

async function findByName(
  vim: Vim,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const vms = await readAll(vim.connection, { VirtualMachine: ['name'] }, { signal });
  const found = vms.filter(({ values }) => {
    const stored = textAt(values, 'name');
    return stored !== undefined && decodeName(stored) === name;
  });
  return only(
    found.map(({ object }) => object),
    `the name "${name}"`,
  );
}

/** BIOS uuids are doubled by file-level clones; a MAC address then tells which one we are. */
export async function findOwnVm(
  vim: Vim,
  { biosUuids, macAddresses }: SelfIdentity,
  signal: AbortSignal,
): Promise<string | undefined> {
  const found = new Map<string, Moref>();
  for (const uuid of biosUuids)
    for (const vm of await findAllByUuid(vim, { uuid, instance: false }, { signal }))
      found.set(vm.value, vm);
  const candidates = [...found.values()];
  if (candidates.length <= 1) return candidates[0]?.value;
  const ours = new Set(macAddresses.map((mac) => mac.toLowerCase()));
  const matching: Moref[] = [];
  for (const vm of candidates) {
    const { values } = await readObject(vim.connection, vm, {
      paths: ['config.hardware.device'],
      signal,
    });
    const macs = asList(values['config.hardware.device']).map((device) =>
      textAt(device, 'macAddress'),
    );
    if (macs.some((mac) => mac !== undefined && ours.has(mac.toLowerCase()))) matching.push(vm);
  }
  return only(matching, `the UUID ${biosUuids.join(' or ')} and our network cards`);
}

async function exists(vim: Vim, moref: string, signal: AbortSignal): Promise<boolean> {
  try {
    await readObject(vim.connection, vmRef(moref), { paths: ['name'], signal });
    return true;
  } catch (error) {
    if (error instanceof ColdframeError && error.code === 'not-found') return false;
    throw error;
  }
}

async function findAllByUuid(
  vim: Vim,
  { uuid, instance }: { readonly uuid: string; readonly instance: boolean },
  options: CallOptions,
): Promise<readonly Moref[]> {
  const parameters = {
    _this: vim.connection.service('searchIndex'),
    uuid: uuid.toLowerCase(), // some servers compare byte for byte
    vmSearch: true,
    instanceUuid: instance,
  };
  let found: VimValue | undefined;
  try {
    found = await vim.connection.call('FindAllByUuid', parameters, options);
  } catch (error) {
    if (!isUnknownMethod(error)) throw error;
    found = morefOf(await vim.connection.call('FindByUuid', parameters, options));
  }
  return asList(found).filter(isMoref);
}

function only(found: readonly Moref[], what: string): string | undefined {
  if (found.length <= 1) return found[0]?.value;
  throw new ColdframeError(
    'invalid-input',
    `${found.length} VMs have ${what}: ${found.map(({ value }) => value).join(', ')}. Name the one that is meant by its moref.`,
  );
}
