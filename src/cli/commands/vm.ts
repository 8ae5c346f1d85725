import type { VmList } from '#core/api.ts';

import type { Command } from '../command.ts';
import { bytesText } from '../format.ts';
import { vmCheckCommand } from './vm-check.ts';

const powerWords = { poweredOn: 'on', poweredOff: 'off', suspended: 'suspended' } as const;

export const vmCommands: readonly Command[] = [
  {
    name: 'vm list',
    summary: 'List the VMs of an endpoint',
    options: {
      endpoint: { value: 'NAME', summary: 'which endpoint, when there are several' },
      uuid: { summary: 'show the instance UUIDs too' },
    },
    notes: ['A name that is hard to type, or not unique, can be given as moref:vm-42 elsewhere.'],
    examples: ['coldframe vm list', 'coldframe vm list --endpoint lab --json'],
    async run({ client, output, text, flag }) {
      const endpoint = text('endpoint');
      const query = endpoint === undefined ? '' : `?endpoint=${encodeURIComponent(endpoint)}`;
      const { vms } = await client.get<VmList>(`/vms${query}`);
      const sorted = vms.toSorted(
        (a, b) =>
          a.folderPath.localeCompare(b.folderPath) ||
          a.identity.name.localeCompare(b.identity.name),
      );
      if (output.json) {
        output.document(sorted);
        return undefined;
      }
      const withUuid = flag('uuid');
      output.table(
        [
          { title: 'NAME' },
          { title: 'POWER' },
          { title: 'DISKS', align: 'right' },
          { title: 'SIZE', align: 'right' },
          { title: 'MOREF' },
          { title: 'FOLDER' },
          ...(withUuid ? [{ title: 'INSTANCE UUID' }] : []),
        ],
        sorted.map((vm) => [
          vm.identity.name,
          vm.template ? 'template' : powerWords[vm.powerState],
          String(vm.diskCount),
          bytesText(vm.totalDiskBytes),
          vm.identity.moref,
          vm.folderPath,
          ...(withUuid ? [vm.identity.instanceUuid] : []),
        ]),
      );
      return undefined;
    },
  },
  vmCheckCommand,
];
