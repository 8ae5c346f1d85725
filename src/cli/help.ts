import type { Command } from './command.ts';
import { exitCodeMeanings } from './exit-codes.ts';
import { commonOptions } from './parse-command-line.ts';

const groups: readonly (readonly [string, string])[] = [
  ['endpoint', 'vCenter Servers and ESXi hosts'],
  ['vm', 'virtual machines'],
  ['repository', 'folders that hold archives'],
  ['key', 'private keys that open encrypted archives'],
  ['vddk', "VMware's disk library"],
  ['backup', 'back up VMs'],
  ['job', 'what is backed up by itself, and how long it is kept'],
  ['retention', 'what a policy keeps'],
  ['run', 'what is and was running'],
  ['restore-point', 'what can be restored'],
  ['restore', 'bring a VM back'],
  ['verify', 'prove that archives are good'],
  ['signing-key', 'by which others can tell who made an archive'],
  ['files', 'single files out of a restore point'],
  ['export', 'disks as images, or the VM as an OVA'],
  ['nbd', 'disks as network block devices'],
  ['journal', 'what is still to be undone'],
  ['recover', 'undo what a crash left'],
  ['stray', 'what was left behind and nothing accounts for'],
  ['alarm', 'what should have happened and did not'],
  ['notify', 'whom coldframe tells, and how'],
  ['user', 'who may sign in to the admin page'],
  ['token', 'what programs may use the API with'],
  ['audit', 'who did what'],
  ['support', 'what somebody needs to understand a fault'],
  ['config', 'the configuration as a file'],
  ['tool', 'work on archive files, without any service'],
  ['service', 'the service itself'],
  ['version', 'version of this program'],
];

export function topHelp(commands: readonly Command[]): string {
  const names = new Set(commands.map(({ name }) => name.split(' ')[0]));
  return [
    'coldframe: backup and restore of VMware vSphere virtual machines',
    '',
    'Usage: coldframe COMMAND [OPTIONS]',
    '',
    'Commands:',
    ...rows(groups.filter(([name]) => names.has(name))),
    '',
    'Begin with:',
    '  coldframe endpoint add my-vcenter --address vcenter.example.com --user backup@vsphere.local',
    '  coldframe repository add main /srv/backup',
    '  coldframe backup run my-vm',
    '',
    '"coldframe COMMAND --help" tells more about a command,',
    '"coldframe help exit-codes" what the exit codes mean.',
    '',
  ].join('\n');
}

export function groupHelp(group: string, commands: readonly Command[]): string {
  const about = groups.find(([name]) => name === group)?.[1] ?? '';
  return [
    `coldframe ${group}: ${about}`,
    '',
    'Commands:',
    ...rows(commands.map((command) => [synopsis(command), command.summary])),
    '',
    `"coldframe ${group} COMMAND --help" tells more.`,
    '',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  const options = { ...command.options, ...commonOptions };
  const argumentRows = (command.arguments ?? []).map(
    ({ name, summary }) => [name, summary] as const,
  );
  const optionRows = Object.entries(options).map(([name, { value, short, summary }]) => {
    const dashed = `${short === undefined ? '    ' : `-${short}, `}--${name}`;
    return [value === undefined ? dashed : `${dashed} ${value}`, summary] as const;
  });
  return [
    command.summary,
    '',
    `Usage: coldframe ${synopsis(command)} [OPTIONS]`,
    '',
    ...(argumentRows.length === 0 ? [] : ['Arguments:', ...rows(argumentRows), '']),
    'Options:',
    ...rows(optionRows),
    '',
    ...(command.notes ?? []).flatMap((note) => [note, '']),
    command.examples.length === 1 ? 'Example:' : 'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

export function exitCodeHelp(): string {
  return ['Exit codes:', ...rows(exitCodeMeanings.map(([c, text]) => [String(c), text])), ''].join(
    '\n',
  );
}

function synopsis(command: Command): string {
  const words = (command.arguments ?? []).map(({ name, optional, many }) => {
    const word = many === true ? `${name}...` : name;
    return optional === true ? `[${word}]` : word;
  });
  return [command.name, ...words].join(' ');
}

function rows(pairs: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`.trimEnd());
}
