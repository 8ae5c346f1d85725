const largestTimeMs = 9_999_999_999_999;

/** A part of a list that is sorted newest first. */
export interface Page {
  readonly limit: number;
  /** The last one of the page before; ids settle equal times. */
  readonly after?: { readonly createdAtMs: number; readonly id: string };
}

/** A key part that sorts newest first. */
export function newestFirst(timeMs: number): string {
  return String(largestTimeMs - timeMs).padStart(13, '0');
}

/** The time that a part made by `newestFirst` stands for. */
export function timeOfPart(part: string): number {
  return largestTimeMs - Number(part);
}

/** Joins key parts so that no part can reach into the next, whatever a guest chose as its uuid. */
export function joinKey(...parts: readonly string[]): string {
  return parts.map((part) => encodeURIComponent(part)).join('/');
}

/** The range of all keys that begin with these whole parts. */
export function below(...parts: readonly string[]): { readonly gte: string; readonly lt: string } {
  const prefix = joinKey(...parts);
  // '0' is the character after '/'.
  return { gte: `${prefix}/`, lt: `${prefix}0` };
}
