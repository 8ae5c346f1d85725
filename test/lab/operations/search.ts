import { childrenOf } from '../model/entity.ts';
import type { Ref } from '../soap/values.ts';
import type { Call, Handler } from './call.ts';

export const searchHandlers: Readonly<Record<string, Handler>> = {
  FindByUuid: (call) => byUuid(call)[0],
  FindAllByUuid: (call) => byUuid(call),
  FindByInventoryPath: (call) => {
    const steps = (call.parameters['inventoryPath'] as string)
      .split('/')
      .filter((step) => step !== '');
    let at: Ref | undefined = call.places.root;
    for (const step of steps) at = at === undefined ? undefined : childNamed(call, at, step);
    return at;
  },
  FindChild: (call) =>
    childNamed(call, call.parameters['entity'] as Ref, call.parameters['name'] as string),
  FindByIp: () => undefined,
  FindByDnsName: (call) => {
    const name = call.parameters['dnsName'];
    return [...call.site.vms.values()].find((vm) => vm.power === 'poweredOn' && vm.name === name)
      ?.ref;
  },
};

function byUuid(call: Call): Ref[] {
  const { uuid, vmSearch, instanceUuid } = call.parameters;
  if (vmSearch !== true) return [];
  const wanted = (uuid as string).toLowerCase();
  return [...call.site.vms.values()]
    .filter((vm) => (instanceUuid === true ? vm.instanceUuid : vm.uuid) === wanted)
    .map((vm) => vm.ref);
}

/** Names travel with `%`, `/` and `\` escaped, in paths and in the name property alike. */
function childNamed(call: Call, parent: Ref, name: string): Ref | undefined {
  return childrenOf(call.site.inventory, parent).find(
    (child) => call.site.inventory.get(child).read['name']?.() === name,
  );
}
