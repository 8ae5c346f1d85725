import { blockBytes } from './layout.ts';

/** One ustar header block. */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  /** '0' file, 'x' pax extended header. */
  readonly type: string;
}

/** Undefined when the block is not a header: wrong checksum, wrong magic, impossible numbers. */
export function decodeTarHeader(block: Buffer): TarHeader | undefined {
  if (block.length !== blockBytes || block.toString('latin1', 257, 262) !== 'ustar')
    return undefined;
  // Held to the forms that tars write, so that no bit of the field goes unchecked.
  const sum = block.toString('latin1', 148, 156);
  if (!/^[0-7]{6}(?: \0|\0 )$/.test(sum)) return undefined;
  if (Number.parseInt(sum, 8) !== checksum(block)) return undefined;
  const size = number(block.subarray(124, 136));
  if (size === undefined) return undefined;
  const prefix = text(block.subarray(345, 500));
  const name = text(block.subarray(0, 100));
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size,
    type: String.fromCharCode(block[156]!),
  };
}

function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < 148; i++) sum += block[i]!;
  for (let i = 156; i < blockBytes; i++) sum += block[i]!;
  return sum;
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

function octal(field: Buffer): number | undefined {
  const digits = text(field).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** Octal, or GNU's base-256 for sizes of 8 GiB and more. */
function number(field: Buffer): number | undefined {
  if (field[0] !== 0x80) return octal(field);
  let value = 0;
  for (let i = 1; i < field.length; i++) value = value * 256 + field[i]!;
  return Number.isSafeInteger(value) ? value : undefined;
}
