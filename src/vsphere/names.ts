/**
 * vSphere stores `%`, `/` and `\` in names as %25, %2f and %5c. Names for people are
 * decoded; the components of folder paths keep the escapes, so that the slashes
 * between them stay unambiguous.
 */
export function decodeName(stored: string): string {
  return stored.replaceAll(/%(2f|5c|25)/gi, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

export function encodeName(name: string): string {
  return name.replaceAll(
    /[%/\\]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
