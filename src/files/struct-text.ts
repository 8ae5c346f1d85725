/** guestfish prints a structure as lines of "name: value"; figures only, so nothing of a guest's can look like one. */
export function structText(text: string): ReadonlyMap<string, number> {
  const fields = new Map<string, number>();
  for (const line of text.split('\n')) {
    const found = /^\s*([a-z_]+): (-?\d+)$/.exec(line);
    if (found !== null) fields.set(found[1]!, Number(found[2]));
  }
  return fields;
}
