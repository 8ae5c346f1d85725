/** A CBT position `<uuid>/<sequence>`: the uuid names one life of the tracking file. */
export interface ChangeId {
  readonly tracker: string;
  readonly sequence: number;
}

/** undefined for anything that is not a position, "*" included. */
export function parseChangeId(text: string): ChangeId | undefined {
  const match = /^(.+)\/(\d+)$/.exec(text.trim());
  if (match === null) return undefined;
  const tracker = match[1]!.replaceAll(/[^0-9a-f]/gi, '').toLowerCase();
  return tracker === '' ? undefined : { tracker, sequence: Number(match[2]) };
}
