import { ColdframeError } from '#core/error.ts';

export interface UstarMember {
  readonly name: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** What 11 octal digits hold: 8 GiB. */
const maxOctalSize = 8 ** 11;

/** One header block of a plain file; sizes from 8 GiB on are in base 256, as GNU tar writes them. */
export function ustarHeader({ name, size, mtimeMs }: UstarMember): Buffer {
  const header = Buffer.alloc(512);
  if (Buffer.byteLength(name) > 100)
    throw new ColdframeError(
      'invalid-input',
      `The name ${name} is too long for an OVA. Shorten it.`,
    );
  const octal = (value: number, at: number, digits: number): void => {
    header.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  };
  header.write(name, 0);
  octal(0o644, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  if (size < maxOctalSize) octal(size, 124, 11);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  octal(Math.floor(mtimeMs / 1000), 136, 11);
  header.write('        ', 148, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}
