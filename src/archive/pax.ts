import { blockBytes, dataAlignment, padToBlock } from './layout.ts';

/** Records of a pax extended header, in the order in which they are written. */
export type PaxRecords = Readonly<Record<string, string>>;

/** "<length> <key>=<value>\n", where the length counts its own digits. */
export function paxRecordBytes(key: string, value: string): number {
  const rest = Buffer.byteLength(key) + Buffer.byteLength(value) + 3;
  let total = rest + String(rest).length;
  if (String(total).length > String(rest).length) total = rest + String(total).length;
  return total;
}

export function paxBodyBytes(records: PaxRecords): number {
  let sum = 0;
  for (const [key, value] of Object.entries(records)) sum += paxRecordBytes(key, value);
  return sum;
}

/** Bytes from a member's first header block to its data, for a member with these pax records. */
export function paxHeaderBytes(records: PaxRecords): number {
  return blockBytes + padToBlock(paxBodyBytes(records)) + blockBytes;
}

/**
 * A `comment` record of dots that moves the point `afterHeaders` bytes behind the headers to a
 * multiple of 4 KiB; undefined when it already lies there.
 */
export function aligningComment(
  records: PaxRecords,
  position: number,
  afterHeaders: number,
): string | undefined {
  const body = paxBodyBytes(records);
  const end = position + paxHeaderBytes(records) + afterHeaders;
  if (end % dataAlignment === 0) return undefined;
  // The record must fit in what is left of the body's last block plus `gap`.
  const gap = dataAlignment - (end % dataAlignment);
  const room = padToBlock(body) - body + gap;
  const smallest = paxRecordBytes('comment', '');
  const bytes = room < smallest ? room + dataAlignment : room;
  let dots = bytes - smallest;
  while (paxRecordBytes('comment', '.'.repeat(dots)) > bytes) dots--;
  return '.'.repeat(dots);
}

/** Parses an extended header's body; undefined when it is not well-formed to the last byte. */
export function parsePax(body: Buffer): ReadonlyMap<string, string> | undefined {
  const records = new Map<string, string>();
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(0x20, at);
    if (space < 0 || space - at > 8) return undefined;
    const digits = body.toString('latin1', at, space);
    if (!/^[1-9][0-9]*$/.test(digits)) return undefined;
    const end = at + Number(digits);
    if (end > body.length || end <= space + 1 || body[end - 1] !== 0x0a) return undefined;
    const record = body.toString('utf8', space + 1, end - 1);
    const equals = record.indexOf('=');
    if (equals <= 0) return undefined;
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  return records;
}
