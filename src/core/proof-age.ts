import type { RestorePointMarks } from './restore-point-marks.ts';
import type { RestorePoint } from './restore-point.ts';
import { StandIns } from './stand-ins.ts';

/**
 * When each restore point was last proven: every byte of its archive and of all that it builds on
 * has been read and found good since then. Absent: it never was, or damage has been found.
 * `family`: all restore points of a VM in one repository.
 */
export function proofTimes(
  family: readonly RestorePoint[],
  marks: ReadonlyMap<string, RestorePointMarks>,
): ReadonlyMap<string, number> {
  const standIns = new StandIns(family, ({ header }) => marks.get(header.id)?.damage === undefined);
  const byId = new Map(family.map((point) => [point.header.id, point]));
  const proven = new Map<string, number>();
  for (const point of family) {
    let oldestMs = Infinity;
    const seen = new Set<string>();
    for (let at: RestorePoint | undefined = point; at !== undefined;) {
      const { id } = at.header;
      const checked = marks.get(id)?.checked;
      oldestMs = checked?.good === true && !seen.has(id) ? Math.min(oldestMs, checked.atMs) : 0;
      seen.add(id);
      const parentId = standIns.parentIdOf(at);
      // A chain that lacks its parent proves nothing.
      if (parentId !== null && !byId.has(parentId)) oldestMs = 0;
      at = oldestMs === 0 || parentId === null ? undefined : byId.get(parentId);
    }
    if (oldestMs > 0) proven.set(point.header.id, oldestMs);
  }
  return proven;
}
