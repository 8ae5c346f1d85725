/** What an option carries; undefined when the bytes do not add up. */

export interface ExportChoice {
  readonly name: string;
  /** Kinds of information that the client asks for. */
  readonly wanted: readonly number[];
}

export interface MetaContextQuery {
  readonly name: string;
  readonly queries: readonly string[];
}

/** Data of INFO and GO: name, then what the client wants to know. */
export function decodeExportChoice(data: Buffer): ExportChoice | undefined {
  const name = lengthAndText(data, 0);
  if (name === undefined || name.end + 2 > data.length) return undefined;
  const count = data.readUInt16BE(name.end);
  if (data.length !== name.end + 2 + count * 2) return undefined;
  const wanted = Array.from({ length: count }, (_, i) => data.readUInt16BE(name.end + 2 + i * 2));
  return { name: name.text, wanted };
}

/** Data of LIST_META_CONTEXT and SET_META_CONTEXT: name, then queries. */
export function decodeMetaContextQuery(data: Buffer): MetaContextQuery | undefined {
  const name = lengthAndText(data, 0);
  if (name === undefined || name.end + 4 > data.length) return undefined;
  const count = data.readUInt32BE(name.end);
  const queries: string[] = [];
  let at = name.end + 4;
  while (queries.length < count) {
    const query = lengthAndText(data, at);
    if (query === undefined) return undefined;
    queries.push(query.text);
    at = query.end;
  }
  return at === data.length ? { name: name.text, queries } : undefined;
}

function lengthAndText(data: Buffer, at: number): { text: string; end: number } | undefined {
  if (at + 4 > data.length) return undefined;
  const end = at + 4 + data.readUInt32BE(at);
  return end > data.length ? undefined : { text: data.toString('utf8', at + 4, end), end };
}
