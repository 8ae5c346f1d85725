/**
 * Synthetic fulls stand in for the restore points whose disks they hold: what was built on one of
 * those is restored from the synthetic full as well.
 */
import type { RestorePoint } from './restore-point.ts';

type Sealed = Pick<RestorePoint, 'seal'> & {
  readonly header: Pick<RestorePoint['header'], 'id' | 'parent' | 'replaces' | 'vm'>;
};

/** A sealed restore point, as its children and stand-ins name it. */
export interface SealedId {
  readonly id: string;
  readonly seal: string;
}

/** Whether `point` is the one that is wanted, or stands in for exactly that one. */
export function servesAs(point: Sealed, wanted: SealedId): boolean {
  const { id, replaces } = point.header;
  return (
    (id === wanted.id && point.seal === wanted.seal) ||
    (replaces?.restorePointId === wanted.id && replaces.restorePointSeal === wanted.seal)
  );
}

/** Among all restore points of a VM, those that stand in for others. */
export class StandIns<P extends Sealed> {
  readonly #byReplaced = new Map<string, P>();

  /** One that is not trusted, being damaged, only stands in for what is gone. */
  constructor(points: readonly P[], isTrusted: (point: P) => boolean = () => true) {
    const byId = new Map(points.map((point) => [point.header.id, point]));
    for (const point of points) {
      const { replaces } = point.header;
      if (replaces === undefined) continue;
      const replaced = byId.get(replaces.restorePointId);
      if (replaced !== undefined && !isTrusted(point)) continue;
      this.#byReplaced.set(replaces.restorePointId, point);
    }
  }

  /** What stands in for the restore point; undefined where nothing does. */
  of(wanted: SealedId): P | undefined {
    const found = this.#byReplaced.get(wanted.id);
    return found !== undefined && servesAs(found, wanted) ? found : undefined;
  }

  /** Id of what the point is restored with: its parent, or what stands in for that. */
  parentIdOf({ header }: Pick<P, 'header'>): string | null {
    if (header.parent === null) return null;
    return this.of(header.parent)?.header.id ?? header.parent.id;
  }
}

export function sealedId({ header, seal }: Sealed): SealedId {
  return { id: header.id, seal };
}
