import { ColdframeError } from '#core/error.ts';

/**
 * A path as callers give and get it: components with everything odd as %XX, so that names that
 * are not valid UTF-8 survive. Inside, paths are bytes. The first component names a volume.
 */

export interface GuestPath {
  /** Absent: the root, which lists the volumes. */
  readonly volume: string | undefined;
  /** For libguestfs: the volume's mount point and what is below it. */
  readonly bytes: Buffer;
}

/** Throws 'invalid-input' for what is no absolute path or leads upwards. */
export function parseGuestPath(text: string): GuestPath {
  const wrong = (what: string): ColdframeError =>
    new ColdframeError('invalid-input', `"${text}" is no path of a file: ${what}.`);
  if (!text.startsWith('/')) throw wrong('it must begin with "/"');
  const parts = text.split('/').filter((part) => part !== '');
  const components = parts.map((part) => decodePart(part));
  for (const part of components) {
    if (part === undefined) throw wrong('"%" must be written as %25');
    const isDots = part.equals(Buffer.from('.')) || part.equals(Buffer.from('..'));
    if (isDots || part.includes(0) || part.includes(0x2f)) throw wrong('it has an impossible name');
  }
  const bytes = Buffer.concat(
    components.flatMap((part) => [Buffer.from('/'), part ?? Buffer.alloc(0)]),
  );
  return {
    volume: components[0]?.toString('utf8'),
    bytes: bytes.length === 0 ? Buffer.from('/') : bytes,
  };
}

export function childPath(parent: string, name: Buffer): string {
  return `${parent.replace(/\/+$/, '')}/${encodePart(name)}`;
}

function encodePart(name: Buffer): string {
  let out = '';
  for (const byte of name) {
    const char = String.fromCharCode(byte);
    out += /[A-Za-z0-9._~+,=@-]/.test(char)
      ? char
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

function decodePart(part: string): Buffer | undefined {
  const bytes: number[] = [];
  const raw = Buffer.from(part);
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] !== 0x25) bytes.push(raw[i]!);
    else {
      const hex = raw.toString('latin1', i + 1, i + 3);
      if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return undefined;
      bytes.push(Number.parseInt(hex, 16));
      i += 2;
    }
  }
  return Buffer.from(bytes);
}
