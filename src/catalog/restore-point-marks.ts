import { z } from 'zod';

import type {
  ArchiveCheck,
  Damage,
  Pin,
  RestorePointMarks,
  StartedCheck,
} from '#core/restore-point-marks.ts';

import type { Store } from './store.ts';
import { openTable } from './table.ts';

/**
 * Marks beside the restore points, under their ids. They outlive a rebuild from the repositories,
 * and a repository that is removed and added again, but not the loss of the data folder: archives
 * are never changed, so a pin is nowhere but here.
 */
export interface MarkTable {
  /** Of those that have any. */
  restorePointMarks(ids: readonly string[]): Promise<ReadonlyMap<string, RestorePointMarks>>;
  /** undefined unpins. */
  setPin(id: string, pin: Pin | undefined): Promise<void>;
  /** Durable before it resolves: what is marked may be found half removed after a crash. */
  setRemoving(ids: readonly string[], removing: boolean): Promise<void>;
  /** The verdict of a verification on each; undefined: nothing is wrong with it. */
  setDamage(verdicts: ReadonlyMap<string, Damage | undefined>): Promise<void>;
  /** Ids of all that are damaged, at once: alarms and figures ask for them every few minutes. */
  damagedPoints(): Promise<ReadonlySet<string>>;
  /** How far archives have been checked; a finished check takes the place of a started one. */
  setChecks(checks: ReadonlyMap<string, ArchiveCheck | StartedCheck>): Promise<void>;
  /** For a restore point that is no more. */
  forgetMarks(id: string): Promise<void>;
}

const areas = z.object({
  label: z.string(),
  ranges: z.array(z.object({ offset: z.number().nonnegative(), length: z.number().positive() })),
});

const marksSchema: z.ZodType<RestorePointMarks> = z.object({
  pin: z.object({ atMs: z.number().int().nonnegative(), note: z.string() }).exactOptional(),
  removing: z.literal(true).exactOptional(),
  damage: z
    .object({
      atMs: z.number().int().nonnegative(),
      path: z.string(),
      message: z.string(),
      areas: z.array(areas).exactOptional(),
    })
    .exactOptional(),
  checked: z.object({ atMs: z.number().int().nonnegative(), good: z.boolean() }).exactOptional(),
  checking: z
    .object({
      next: z.object({ label: z.string(), chunk: z.number().int().nonnegative() }),
      good: z.boolean(),
    })
    .exactOptional(),
});

export function openRestorePointMarks(store: Store): MarkTable {
  const table = openTable(store, 'restore-point-marks', marksSchema);
  const damaged = openTable(store, 'restore-points-damaged', z.string());
  const get = async (id: string): Promise<RestorePointMarks> => (await table.get(id)) ?? {};
  return {
    async restorePointMarks(ids) {
      const rows = await Promise.all(ids.map(async (id) => [id, await get(id)] as const));
      return new Map(rows.filter(([, marks]) => Object.keys(marks).length > 0));
    },
    async setPin(id, pin) {
      const { pin: _, ...others } = await get(id);
      await store.write([table.set(id, pin === undefined ? others : { ...others, pin })]);
    },
    async setRemoving(ids, removing) {
      const changes = ids.map(async (id) => {
        const { removing: _, ...others } = await get(id);
        return table.set(id, removing ? { ...others, removing } : others);
      });
      await store.write(await Promise.all(changes));
    },
    async setDamage(verdicts) {
      const changes = [...verdicts].map(async ([id, damage]) => {
        const { damage: _, ...others } = await get(id);
        return [
          table.set(id, damage === undefined ? others : { ...others, damage }),
          damage === undefined ? damaged.remove(id) : damaged.set(id, id),
        ];
      });
      await store.write((await Promise.all(changes)).flat());
    },
    damagedPoints: async () => new Set(await damaged.keys()),
    async setChecks(checks) {
      const changes = [...checks].map(async ([id, check]) => {
        const { checking: _, ...others } = await get(id);
        return table.set(
          id,
          'next' in check ? { ...others, checking: check } : { ...others, checked: check },
        );
      });
      await store.write(await Promise.all(changes));
    },
    forgetMarks: (id) => store.write([table.remove(id), damaged.remove(id)]),
  };
}
