import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';

import type { CommandInput } from './command.ts';
import { usageError } from './parse-command-line.ts';

/**
 * A password from the file that the option names (- is standard input), or asked for without echo. Never
 * from the command line, which every user of the machine can read.
 */
export async function readPassword(
  input: CommandInput,
  question: string,
  option = 'password-file',
): Promise<Secret> {
  const path = input.text(option);
  if (path !== undefined) return firstLine(await readPasswordFile(path));
  if (!input.environment.interactive)
    throw usageError(
      `There is no terminal to ask for it. Give --${option} PATH, or "-" for standard input.`,
    );
  try {
    return new Secret(await ask(question, { signal: input.signal, echo: false }));
  } finally {
    // The Enter that ended it was not echoed either.
    process.stderr.write('\n');
  }
}

/** Anything but yes is no. */
export async function confirm(input: CommandInput, question: string): Promise<boolean> {
  const answer = await ask(`${question} [y/N] `, { signal: input.signal, echo: true });
  return /^y(es)?$/i.test(answer.trim());
}

async function readPasswordFile(path: string): Promise<string> {
  if (path === '-') return text(process.stdin);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ColdframeError('invalid-input', `The password file ${path} cannot be read.`, {
      cause: error,
    });
  }
}

function firstLine(content: string): Secret {
  const line = content.split(/\r?\n/, 1)[0]!;
  if (line === '') throw usageError('The password is empty.');
  return new Secret(line);
}

async function ask(
  question: string,
  { signal, echo }: { readonly signal: AbortSignal; readonly echo: boolean },
): Promise<string> {
  // readline writes what is typed to its output: without echo that is nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: echo ? process.stderr : nowhere,
    terminal: true,
  });
  // In raw mode Ctrl-C is a character that readline turns into this.
  const interrupted = new AbortController();
  lines.once('SIGINT', () =>
    interrupted.abort(new ColdframeError('cancelled', 'Interrupted; nothing was changed.')),
  );
  const either = AbortSignal.any([signal, interrupted.signal]);
  try {
    if (!echo) process.stderr.write(question);
    return await lines.question(echo ? question : '', { signal: either });
  } catch (error) {
    either.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}
