import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Identifiers of a SCSI device from its vital product data, as lower-case hex digits: the
 * unit serial number (page 80h) and every designator of page 83h, binary ones spelled out.
 */
export async function readScsiIdentifiers(deviceFolder: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const serial = await page(deviceFolder, 'vpd_pg80');
  if (serial !== undefined) addText(found, serial.subarray(4));
  const identification = await page(deviceFolder, 'vpd_pg83');
  if (identification !== undefined) addDesignators(found, identification);
  return found;
}

async function page(folder: string, name: string): Promise<Buffer | undefined> {
  // A device without the page has no such file, or one that cannot be read.
  const bytes = await readFile(join(folder, name)).catch(() => undefined);
  if (bytes === undefined || bytes.length < 4) return undefined;
  return bytes.subarray(0, 4 + bytes.readUInt16BE(2));
}

/** SPC-4 7.8.6: four bytes of header, then the designator; code set 1 is binary, 2 and 3 are text. */
function addDesignators(found: Set<string>, bytes: Buffer): void {
  let at = 4;
  while (at + 4 <= bytes.length) {
    const codeSet = bytes[at]! & 0x0f;
    const end = at + 4 + bytes[at + 3]!;
    const value = bytes.subarray(at + 4, end);
    if (codeSet === 1) found.add(value.toString('hex'));
    else addText(found, value);
    at = end;
  }
}

function addText(found: Set<string>, bytes: Buffer): void {
  const text = hexDigits(bytes.toString('latin1'));
  if (text !== '') found.add(text);
}

/** The hex digits of a uuid or serial number, without the ways to group them. */
export function hexDigits(text: string): string {
  return text.replaceAll(/[^0-9a-f]/gi, '').toLowerCase();
}
