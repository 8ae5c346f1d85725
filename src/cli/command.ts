import type { ApiClient } from './api-client.ts';
import type { Environment } from './environment.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Output } from './output.ts';

export interface OptionSpec {
  /** Word for the value in the help, "PATH"; absent for a switch. */
  readonly value?: string;
  readonly summary: string;
  readonly short?: string;
  /** May be given several times. */
  readonly many?: boolean;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly summary: string;
  readonly optional?: boolean;
  /** Takes all that follow. */
  readonly many?: boolean;
}

export interface Command {
  /** "endpoint add". */
  readonly name: string;
  readonly summary: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly string[];
  /** Paragraphs below the options. */
  readonly notes?: readonly string[];
  readonly run: (input: CommandInput) => Promise<ExitCode | undefined>;
}

/** A command line after parsing, and what the command works with. */
export interface CommandInput {
  readonly argument: (name: string) => string;
  readonly optionalArgument: (name: string) => string | undefined;
  readonly manyArguments: (name: string) => readonly string[];
  readonly text: (option: string) => string | undefined;
  readonly texts: (option: string) => readonly string[];
  readonly flag: (option: string) => boolean;
  readonly output: Output;
  readonly environment: Environment;
  readonly client: ApiClient;
  readonly dataDir: string;
  readonly signal: AbortSignal;
}
