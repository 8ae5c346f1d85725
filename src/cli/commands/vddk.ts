import { resolve } from 'node:path';

import type { VddkStatus } from '#core/api.ts';

import type { Command, CommandInput } from '../command.ts';

const without =
  "VMware's disk library is not installed. coldframe attaches disks by itself (HotAdd) then;\ninstall it for VDDK HotAdd, SAN and network transports: coldframe vddk install PATH";

export const vddkCommands: readonly Command[] = [
  {
    name: 'vddk status',
    summary: "Which of VMware's disk libraries is installed",
    examples: ['coldframe vddk status'],
    async run(input) {
      show(input, await input.client.get<VddkStatus>('/vddk'));
      return undefined;
    },
  },
  {
    name: 'vddk install',
    summary: "Use VMware's disk library (VDDK)",
    arguments: [{ name: 'PATH', summary: "VMware's .tar.gz, or the unpacked folder" }],
    examples: ['coldframe vddk install VMware-vix-disklib-8.0.3-23950268.x86_64.tar.gz'],
    notes: [
      'The library is not part of coldframe: its licence lets you use it, not us hand it on. Download it\nfrom Broadcom. The path is read by the service, on its machine.',
    ],
    async run(input) {
      const path = resolve(input.argument('PATH'));
      show(input, await input.client.post<VddkStatus>('/vddk', { path }));
      return undefined;
    },
  },
];

function show({ output }: CommandInput, status: VddkStatus): void {
  if (output.json) output.document(status);
  else if (status.installed) output.line(`VDDK ${status.version} in ${status.libDir}`);
  else output.line(without);
}
