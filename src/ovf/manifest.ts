export interface ManifestEntry {
  readonly fileName: string;
  readonly sha256: string;
}

/** The text of the .mf file: one digest a line, in the order of the OVA's members. */
export function manifest(entries: readonly ManifestEntry[]): string {
  return entries.map(({ fileName, sha256 }) => `SHA256(${fileName})= ${sha256}\n`).join('');
}
