import { fieldDef } from '../model/custom-fields.ts';
import { vmOf } from '../model/reconfigure.ts';
import { invalidArgument, VimFault } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';
import type { Call, Handler } from './call.ts';

/** Custom values: definitions on the vCenter, values on VMs. */
export const fieldHandlers: Readonly<Record<string, Handler>> = {
  AddCustomFieldDef: (call) => {
    call.privileges.demand('Global.ManageCustomFields', call.places.root);
    const { name, moType } = call.parameters as { name: string; moType?: string };
    if ([...call.site.customFields.values()].some((field) => field.name === name))
      throw new VimFault('DuplicateName', `The name '${name}' already exists.`, {
        name,
        object: call.target,
      });
    const key = 100 + call.site.customFields.size + 1;
    call.site.customFields.set(key, { name, moType });
    call.site.inventory.changed();
    return fieldDef(key, { name, moType });
  },
  RemoveCustomFieldDef: (call) => {
    call.privileges.demand('Global.ManageCustomFields', call.places.root);
    if (!call.site.customFields.delete(call.parameters['key'] as number))
      throw invalidArgument('key');
    call.site.inventory.changed();
  },
  SetField: (call) => {
    const { entity, key, value } = call.parameters as { entity: Ref; key: number; value: string };
    setValue(call, entity, { key, value });
  },
  setCustomValue: (call) => {
    const { key: name, value } = call.parameters as { key: string; value: string };
    const found = [...call.site.customFields].find(([, field]) => field.name === name);
    if (found === undefined) throw invalidArgument('key');
    setValue(call, call.target, { key: found[0], value });
  },
};

function setValue(call: Call, entity: Ref, { key, value }: { key: number; value: string }): void {
  call.privileges.demand('Global.SetCustomField', entity);
  if (!call.site.customFields.has(key)) throw invalidArgument('key');
  vmOf(call.site, entity).customValues.set(key, value);
  call.site.inventory.changed();
}
