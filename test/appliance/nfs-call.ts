const numbers = { commit: 5, rename: 29 } as const;
export type NfsOperation = keyof typeof numbers;

/** Arguments of operations that come before those we look for; undefined: no such operation. */
const argumentBytes: Readonly<Record<number, (reader: XdrReader) => void>> = {
  /** PUTFH: the handle. */
  22: (reader) => reader.opaque(),
  /** PUTROOTFH, SAVEFH, RESTOREFH: none. */
  24: () => undefined,
  31: () => undefined,
  32: () => undefined,
  /** SEQUENCE: id of the session, four numbers. */
  53: (reader) => reader.skip(32),
};

/** The operations of an NFS version 4 call that are told apart here (RFC 5531, RFC 8881); none for anything else. */
export function nfsOperations(call: Buffer): readonly NfsOperation[] {
  const found: NfsOperation[] = [];
  try {
    const reader = new XdrReader(call);
    reader.skip(4);
    const isCall = reader.number() === 0;
    reader.skip(4);
    const [program, version, procedure] = [reader.number(), reader.number(), reader.number()];
    if (!isCall || program !== 100_003 || version !== 4 || procedure !== 1) return found;
    // Credential and verifier: a flavour and a body each. Then the compound's tag and minor version.
    for (const _ of ['credential', 'verifier']) {
      reader.skip(4);
      reader.opaque();
    }
    reader.opaque();
    reader.skip(4);
    for (let left = reader.number(); left > 0; left--) {
      const operation = reader.number();
      const known = Object.entries(numbers).find(([, number]) => number === operation);
      if (known !== undefined) found.push(known[0] as NfsOperation);
      const skip = argumentBytes[operation];
      if (skip === undefined) return found;
      skip(reader);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return found;
}

class XdrReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  number(): number {
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  /** Bytes with their length before them, filled up to a multiple of four. */
  opaque(): void {
    const length = this.number();
    this.skip(Math.ceil(length / 4) * 4);
  }
}
