import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

import { ColdframeError } from '#core/error.ts';

import type { Command, OptionSpec } from './command.ts';

/** Options that every command has. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  json: { summary: 'print JSON for scripts' },
  'data-dir': { value: 'PATH', summary: 'data folder of the service' },
  help: { short: 'h', summary: 'show this help' },
};

export interface CommandLine {
  readonly flag: (option: string) => boolean;
  readonly text: (option: string) => string | undefined;
  readonly texts: (option: string) => readonly string[];
  readonly arguments: ReadonlyMap<string, readonly string[]>;
}

export function usageError(message: string): ColdframeError {
  return new ColdframeError('invalid-input', message);
}

/** Checks words and options against the command's own list. */
export function parseCommandLine(command: Command, words: readonly string[]): CommandLine {
  const specs = { ...commonOptions, ...command.options };
  const options: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(specs).map(([name, { value, short, many }]) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(short === undefined ? {} : { short }),
        ...(many === undefined ? {} : { multiple: many }),
      },
    ]),
  );
  const { values, positionals } = parse(command, words, options);
  const read = (name: string): unknown => values[name];
  const line = {
    flag: (name: string) => read(name) === true,
    text: (name: string) => {
      const value = read(name);
      return typeof value === 'string' ? value : undefined;
    },
    texts: (name: string) => {
      const value = read(name);
      return Array.isArray(value) ? value.map(String) : [];
    },
  };
  // Someone who asks for help need not have the arguments yet.
  if (line.flag('help')) return { ...line, arguments: new Map() };
  return { ...line, arguments: assign(command, positionals) };
}

function parse(
  command: Command,
  words: readonly string[],
  options: ParseArgsOptionsConfig,
): { values: Readonly<Record<string, unknown>>; positionals: string[] } {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    // The first sentence; Node's advice after it is about its own parser.
    const text = error instanceof Error ? error.message.split(/\.?\n|\. /)[0]! : String(error);
    throw usageError(`${text.replace(/\.$/, '')}. See: coldframe ${command.name} --help`);
  }
}

function assign(
  command: Command,
  positionals: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  let at = 0;
  for (const { name, optional, many } of command.arguments ?? []) {
    const values = many === true ? positionals.slice(at) : positionals.slice(at, at + 1);
    if (values.length === 0 && optional !== true)
      throw usageError(`${name} is missing. See: coldframe ${command.name} --help`);
    found.set(name, values);
    at += values.length;
  }
  if (at < positionals.length)
    throw usageError(
      `"${positionals[at]}" is one word too many. See: coldframe ${command.name} --help`,
    );
  return found;
}
