/** guestfish prints a structure as lines of "name: value"; figures only, so nothing of a guest's can look like one. */
export function structText(text: string): ReadonlyMap<string, number> {
  const fields = new Map<string, number>();
  for (const line of text.split('\n')) {
    const found = /^\s*([a-z_]+): (-?\d+)$/.exec(line);
    if (found !== null) fields.set(found[1]!, Number(found[2]));
  }
  return fields;
}

/** A list of them, each between "[n] = {" and "}". */
export function structList(text: string): readonly ReadonlyMap<string, number>[] {
  return text
    .split(/^\[\d+\] = \{$/m)
    .slice(1)
    .map(structText);
}
