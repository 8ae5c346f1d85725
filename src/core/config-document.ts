/** The configuration as a file: what an administrator set up, by names and without ids. */

export const configVersion = 1;

export type ConfigKind = 'endpoint' | 'repository' | 'job' | 'key';

/** A field that the file wants otherwise. */
export interface ConfigDifference {
  readonly field: string;
  /** undefined: not set. */
  readonly from: unknown;
  readonly to: unknown;
}

/** What applying a file would do about one thing. `only-here`: the file does not name it, and it stays. */
export interface ConfigChange {
  readonly kind: ConfigKind;
  readonly name: string;
  readonly action: 'add' | 'change' | 'same' | 'only-here';
  readonly differences: readonly ConfigDifference[];
}

type Named = { readonly name: string } & Readonly<Record<string, unknown>>;

/**
 * Compares things of one kind by name. What the file does not say about a thing stays as it is; null
 * in it is the same as not set.
 */
export function compareConfig(
  kind: ConfigKind,
  wanted: readonly Named[],
  here: readonly Named[],
): readonly ConfigChange[] {
  const byName = new Map(here.map((each) => [each.name, each]));
  const changes = wanted.map((each): ConfigChange => {
    const current = byName.get(each.name);
    byName.delete(each.name);
    const differences = differencesOf(each, current ?? { name: each.name });
    const action =
      current === undefined ? 'add' : differences.length === 0 ? 'same' : ('change' as const);
    return { kind, name: each.name, action, differences };
  });
  const others = [...byName.keys()].map((name): ConfigChange => ({
    kind,
    name,
    action: 'only-here',
    differences: [],
  }));
  return [...changes, ...others];
}

function differencesOf(wanted: Named, current: Named): ConfigDifference[] {
  return Object.keys(wanted)
    .map((field) => ({ field, from: current[field] ?? undefined, to: wanted[field] ?? undefined }))
    .filter(({ from, to }) => canonical(from) !== canonical(to));
}

/** JSON with sorted keys; fields without a value count as missing. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, each: unknown) => {
      if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
      return Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? ''
  );
}
