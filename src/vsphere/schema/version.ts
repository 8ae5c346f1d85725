/** API versions are dotted numbers of differing length: 6.7, 6.7.3, 8.0.0.1. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Picks the version to speak from the text of /sdk/vimServiceVersions.xml: the
 * newest that the table knows. Undefined when the server only has versions that
 * are not on the list (it then decides by itself).
 */
export function chooseVersion(versionsXml: string, newest: string): string | undefined {
  const vim = /<name>urn:vim25<\/name>([\s\S]*?)<\/namespace>/.exec(versionsXml)?.[1] ?? '';
  const offered = [...vim.matchAll(/<version>\s*([\d.]+)\s*<\/version>/g)].map((m) => m[1] ?? '');
  return offered
    .filter((version) => compareVersions(version, newest) <= 0)
    .sort(compareVersions)
    .at(-1);
}
