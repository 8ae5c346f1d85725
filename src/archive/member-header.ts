import { damaged } from './damage.ts';
import { blockBytes, maxPaxBytes, padToBlock } from './layout.ts';
import { parsePax } from './pax.ts';
import { decodeTarHeader } from './tar-header.ts';
import type { TarSource } from './tar-source.ts';

const noRecords: ReadonlyMap<string, string> = new Map();

/** What the tar stream itself says of a member. */
export interface MemberHead {
  /** As a reader with sparse support names it. */
  readonly name: string;
  /** Bytes that follow the headers, the map of a sparse member included. */
  readonly size: number;
  /** Position of the byte after the headers. */
  readonly bodyOffset: number;
  /** Present for a GNU PAX sparse 1.0 member: its size when unpacked. */
  readonly realSize?: number;
  /** Every record of the pax extended header. */
  readonly records: ReadonlyMap<string, string>;
}

/** Reads a member's header blocks at `position`; throws 'archive-damaged' when there are none. */
export async function readMemberHead(
  tar: TarSource,
  file: string,
  position: number,
): Promise<MemberHead> {
  const head = await tryMemberHead(tar, position);
  if (head === undefined)
    throw damaged(file, `there is no valid tar header at byte ${position} of the tar stream`);
  return head;
}

/** The same, undefined when there are none. */
export async function tryMemberHead(
  tar: TarSource,
  position: number,
): Promise<MemberHead | undefined> {
  const first = await headerAt(tar, position);
  if (first === undefined) return undefined;
  if (first.type === '0') {
    return {
      name: first.name,
      size: first.size,
      bodyOffset: position + blockBytes,
      records: noRecords,
    };
  }
  if (first.type !== 'x' || first.size > maxPaxBytes) return undefined;
  const bodyAt = position + blockBytes;
  if (bodyAt + padToBlock(first.size) > tar.size) return undefined;
  const body = await tar.read(bodyAt, padToBlock(first.size));
  const records = parsePax(body.subarray(0, first.size));
  if (records === undefined || !isZero(body.subarray(first.size))) return undefined;
  const mainAt = bodyAt + body.length;
  const main = await headerAt(tar, mainAt);
  if (main === undefined || main.type !== '0') return undefined;
  return withRecords(main, records, mainAt + blockBytes);
}

function withRecords(
  main: { readonly name: string; readonly size: number },
  records: ReadonlyMap<string, string>,
  bodyOffset: number,
): MemberHead | undefined {
  const paxSize = records.get('size');
  if (paxSize !== undefined && paxSize !== String(main.size)) return undefined;
  const plainName = records.get('path') ?? main.name;
  const base = { size: main.size, bodyOffset, records };
  const realSize = records.get('GNU.sparse.realsize');
  if (realSize === undefined) return { name: plainName, ...base };
  const name = records.get('GNU.sparse.name');
  const isVersion1 =
    records.get('GNU.sparse.major') === '1' && records.get('GNU.sparse.minor') === '0';
  if (name === undefined || !isVersion1 || !/^[0-9]{1,15}$/.test(realSize)) return undefined;
  return { name, realSize: Number(realSize), ...base };
}

async function headerAt(
  tar: TarSource,
  position: number,
): Promise<ReturnType<typeof decodeTarHeader>> {
  if (position + blockBytes > tar.size) return undefined;
  return decodeTarHeader(await tar.read(position, blockBytes));
}

export function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
