import { ColdframeError, toErrorRecord, type ErrorRecord } from '#core/error.ts';

import { createApiClient } from './api-client.ts';
import type { Command } from './command.ts';
import { commands } from './command-table.ts';
import type { Environment } from './environment.ts';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts';
import { commandHelp, exitCodeHelp, groupHelp, topHelp } from './help.ts';
import { Output, printable } from './output.ts';
import { parseCommandLine, usageError } from './parse-command-line.ts';

export interface CliOptions {
  readonly words: readonly string[];
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown };
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/** Runs one command line; every failure becomes one sentence and an exit code. */
export async function runCli(options: CliOptions): Promise<ExitCode> {
  const { words, err } = options;
  try {
    return await dispatch(options);
  } catch (thrown) {
    const record = toErrorRecord(thrown);
    const cancelled = options.signal.aborted;
    const text = words.includes('--json')
      ? JSON.stringify({ error: record })
      : `coldframe: ${explain(record)}`;
    err.write(`${text}\n`);
    return cancelled ? exitCodes.cancelled : exitCodeOf(record.code);
  }
}

/** The sentence, and below it what lies behind when that says more. */
function explain(record: ErrorRecord): string {
  const lines = [printable(record.message)];
  for (let cause = record.cause; cause !== undefined; cause = cause.cause)
    if (cause.message !== '' && !lines.some((line) => line.includes(cause.message)))
      lines.push(`  because: ${printable(cause.message)}`);
  return lines.join('\n');
}

async function dispatch(options: CliOptions): Promise<ExitCode> {
  const { words, out } = options;
  const [first, second] = words;
  if (first === undefined || first === '--help' || first === '-h') {
    out.write(topHelp(commands));
    return first === undefined ? exitCodes.usage : exitCodes.ok;
  }
  if (first === 'help') return help(options, words.slice(1));
  if (first === '--version') return dispatch({ ...options, words: ['version'] });
  const command = findCommand(words);
  if (command !== undefined) return run(options, command);
  const group = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (group.length === 0) throw usageError(`There is no command "${first}". See: coldframe --help`);
  if (second === undefined || second.startsWith('-')) {
    out.write(groupHelp(first, group));
    return second === '--help' || second === '-h' ? exitCodes.ok : exitCodes.usage;
  }
  throw usageError(`There is no command "${first} ${second}". See: coldframe ${first} --help`);
}

function help(options: CliOptions, topic: readonly string[]): ExitCode {
  const { out } = options;
  const group = commands.filter(({ name }) => name.startsWith(`${topic[0]} `));
  const command = findCommand(topic);
  if (topic.length === 0) out.write(topHelp(commands));
  else if (topic[0] === 'exit-codes') out.write(exitCodeHelp());
  else if (command !== undefined) out.write(commandHelp(command));
  else if (group.length > 0) out.write(groupHelp(topic[0]!, group));
  else throw usageError(`There is no help on "${topic.join(' ')}". See: coldframe --help`);
  return exitCodes.ok;
}

/** "endpoint add x" is the command "endpoint add"; "restore x" is "restore". */
function findCommand(words: readonly string[]): Command | undefined {
  return (
    commands.find(({ name }) => name === words.slice(0, 2).join(' ')) ??
    commands.find(({ name }) => name === words[0])
  );
}

async function run(options: CliOptions, command: Command): Promise<ExitCode> {
  const { out, err, environment, signal } = options;
  const line = parseCommandLine(command, options.words.slice(command.name.split(' ').length));
  if (line.flag('help')) {
    out.write(commandHelp(command));
    return exitCodes.ok;
  }
  const dataDir = line.text('data-dir') ?? environment.dataDir;
  const { color, width } = environment;
  const code = await command.run({
    argument: (name) => {
      const value = line.arguments.get(name)?.[0];
      if (value === undefined) throw new ColdframeError('internal', `No argument ${name}.`);
      return value;
    },
    optionalArgument: (name) => line.arguments.get(name)?.[0],
    manyArguments: (name) => line.arguments.get(name) ?? [],
    text: line.text,
    texts: line.texts,
    flag: line.flag,
    output: new Output({ out, err, color, width, json: line.flag('json') }),
    environment,
    client: createApiClient({ dataDir, signal }),
    dataDir,
    signal,
  });
  return code ?? exitCodes.ok;
}
