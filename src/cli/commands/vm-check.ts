import type { VmCheckView } from '#core/api.ts';
import type { Finding } from '#core/preflight.ts';

import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { given, vmQuery } from '../order-options.ts';
import { printable, type Output } from '../output.ts';

export const vmCheckCommand: Command = {
  name: 'vm check',
  summary: 'Say what a backup of a VM would meet, and change nothing',
  arguments: [{ name: 'VM', summary: 'name, instance UUID, or moref:vm-42' }],
  options: { endpoint: { value: 'NAME', summary: 'which endpoint, when there are several' } },
  examples: ['coldframe vm check demo-app', 'coldframe vm check moref:vm-42 --json'],
  notes: ['Exit code 0: a backup will be whole; 3: it will lack something; 1: there can be none.'],
  async run({ argument, client, output, text }) {
    const body = given({ endpoint: text('endpoint'), vm: vmQuery(argument('VM')) });
    const { vm, findings, eligible } = await client.post<VmCheckView>('/vm-checks', body);
    const order = { blocks: 0, degrades: 1, informs: 2 };
    const sorted = findings.toSorted((a, b) => order[a.effect] - order[b.effect]);
    if (output.json) output.document({ vm, findings: sorted, eligible });
    else if (sorted.length === 0) output.line(`${printable(vm.name)}: nothing in the way.`);
    else
      for (const { effect, id, text: words } of sorted)
        output.line(`${effectWord(output, effect)} ${id}: ${printable(words)}`);
    if (!eligible) return exitCodes.failed;
    return findings.some(({ effect }) => effect === 'degrades') ? exitCodes.warnings : undefined;
  },
};

function effectWord(output: Output, effect: Finding['effect']): string {
  const word = effect.padEnd(8);
  return effect === 'blocks' ? output.bad(word) : effect === 'degrades' ? output.warn(word) : word;
}
