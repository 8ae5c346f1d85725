import { gapText, type PrivilegeGap } from '#core/privilege-gaps.ts';
import { privilegePurposes, type PrivilegePurpose } from '#core/privileges.ts';
import { roleLines } from '#core/role-lines.ts';

import type { Command } from '../command.ts';
import type { Output } from '../output.ts';
import { usageError } from '../parse-command-line.ts';

export const endpointRoleCommand: Command = {
  name: 'endpoint role',
  summary: 'Print the smallest vSphere role for coldframe, as govc and PowerCLI commands',
  options: {
    print: { summary: 'print it (nothing else can be done with it, and nothing is changed)' },
    name: { value: 'NAME', summary: 'what the role is called (default: coldframe)' },
    account: { value: 'USER', summary: 'who is given it (default: backup@vsphere.local)' },
    for: {
      value: 'PURPOSE',
      summary: `${privilegePurposes.join(', ')}; may be repeated (default: all)`,
      many: true,
    },
  },
  examples: [
    'coldframe endpoint role --print',
    'coldframe endpoint role --print --account backup@corp.example --for backup --for hotadd',
  ],
  notes: [
    'Grant it at the top of the inventory, propagating. "coldframe endpoint test" then says what is still\nmissing, and where.',
  ],
  run({ output, text, texts }) {
    const wanted = texts('for');
    const purposes = wanted.length === 0 ? privilegePurposes : wanted.map(purposeOf);
    const lines = roleLines({
      name: text('name') ?? 'coldframe',
      principal: text('account') ?? 'backup@vsphere.local',
      purposes,
    });
    if (output.json) output.document(lines);
    else {
      output.line('# govc');
      for (const line of lines.govc) output.line(line);
      output.line();
      output.line('# PowerCLI');
      for (const line of lines.powerCli) output.line(line);
    }
    return Promise.resolve(undefined);
  },
};

/** What an account that was tested lacks, in lines for people. */
export function showGaps(output: Output, gaps: readonly PrivilegeGap[]): void {
  const needed = gaps.filter(({ optional }) => !optional);
  const wished = gaps.filter(({ optional }) => optional);
  const show = (title: string, some: readonly PrivilegeGap[]): void => {
    if (some.length === 0) return;
    output.line();
    output.line(title);
    for (const gap of some) output.line(`  ${gap.purpose}: ${gapText(gap)}`);
  };
  show('The account lacks:', needed);
  show('It also lacks what only some features use:', wished);
  if (gaps.length > 0) output.note('A role with all of it: coldframe endpoint role --print');
}

function purposeOf(word: string): PrivilegePurpose {
  const found = privilegePurposes.find((purpose) => purpose === word);
  if (found === undefined)
    throw usageError(`--for must be one of: ${privilegePurposes.join(', ')}.`);
  return found;
}
