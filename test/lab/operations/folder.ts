import { addFolder } from '../model/entity.ts';
import { checkNewName, escapeName } from '../model/provision.ts';
import type { Handler } from './call.ts';

export const folderHandlers: Readonly<Record<string, Handler>> = {
  CreateFolder: (call) => {
    call.privileges.demand('Folder.Create', call.target);
    const parent = call.site.inventory.get(call.target);
    const name = escapeName(call.parameters['name'] as string);
    checkNewName(call.site, call.target, name);
    const self = call.site.inventory.nextRef('Folder', 'group-v');
    const childType = parent.read['childType']?.() as readonly string[];
    addFolder(call.site.inventory, { self, name, parent: call.target, childType });
    return self;
  },
};
