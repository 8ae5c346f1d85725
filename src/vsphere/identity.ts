import type { VmIdentity } from '#core/vm.ts';
import type { Connection } from './connection.ts';
import { decodeName } from './names.ts';
import { readAll } from './properties.ts';
import { required, textAt, type VimValue } from './value.ts';
import type { Vim } from './vim.ts';

/** Who a VM is, out of its properties `name` and `config` (or the paths below config). */
export function vmIdentity(
  vim: Vim,
  moref: string,
  values: Readonly<Record<string, VimValue>>,
): VmIdentity {
  const configured = (field: string): string =>
    textAt(values['config'], field) ?? scalar(values[`config.${field}`]);
  const biosUuid = configured('uuid');
  return {
    endpointUuid: vim.endpointUuid,
    // A host that never met a vCenter may have VMs without one.
    instanceUuid: configured('instanceUuid') || biosUuid,
    biosUuid,
    moref,
    name: decodeName(scalar(values['name'])),
  };
}

function scalar(value: VimValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The vCenter's instanceUuid; an ESXi host has none and is known by its hardware. */
export async function endpointUuid(connection: Connection, signal: AbortSignal): Promise<string> {
  const uuid = textAt(connection.about, 'instanceUuid');
  if (uuid !== undefined && uuid !== '') return uuid;
  const path = 'hardware.systemInfo.uuid';
  const [host] = await readAll(connection, { HostSystem: [path] }, { signal });
  return required(scalar(host?.values[path]) || undefined, 'hardware uuid');
}
