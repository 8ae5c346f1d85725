import { ColdframeError } from '#core/error.ts';

/** guestfish reads its commands in lines of at most 8192 bytes. */
const maxLineBytes = 8000;

/** A word of a command: text of ours, or bytes of a guest. */
export type Word = string | Buffer;

/** A line for guestfish's standard input; every word in double quotes, so that none means more than itself. */
export function commandLine(words: readonly Word[]): Buffer {
  const [command, ...rest] = words;
  // The hyphen: an error is told and the next command is read.
  const line = Buffer.concat([
    Buffer.from(`-${String(command)}`),
    ...rest.flatMap((word) => [Buffer.from(' '), quoted(word)]),
    Buffer.from('\n'),
  ]);
  if (line.length <= maxLineBytes) return line;
  throw new ColdframeError(
    'invalid-input',
    'A path in this file system is too long for the file browser. Download the folder above it.',
  );
}

function quoted(word: Word): Buffer {
  const bytes = Buffer.from(word);
  const out: number[] = [0x22];
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte !== 0x22 && byte !== 0x5c && byte !== 0x7f;
    if (isPlain) out.push(byte);
    else out.push(...Buffer.from(`\\x${byte.toString(16).padStart(2, '0')}`));
  }
  return Buffer.from([...out, 0x22]);
}
