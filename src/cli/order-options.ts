import { transportChoices } from '#core/transport-plan.ts';

import type { CommandInput, OptionSpec } from './command.ts';

/** Options that backup, restore and verify share. */
export const detachOption: OptionSpec = {
  summary: 'only start it, and print the id of the run',
};

export const transportOption: OptionSpec = {
  value: 'NAME',
  summary: 'way to the disks; may be repeated, best first',
  many: true,
};

export const transportNote = `Transports: ${transportChoices.join(', ')}.`;

/** Leaves out what was not said, so that the service's defaults hold. */
export function given(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A VM on the command line: its name, its instance UUID, or moref:vm-42. */
export function vmQuery(word: string): Record<string, string> {
  if (uuid.test(word)) return { instanceUuid: word.toLowerCase() };
  if (word.startsWith('moref:')) return { moref: word.slice('moref:'.length) };
  return { name: word };
}

/** `--map "VM Network=Lab"` as {"VM Network": "Lab"}. */
export function pairs(input: CommandInput, option: string): Record<string, string> | undefined {
  const words = input.texts(option);
  if (words.length === 0) return undefined;
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      return at === -1 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}
