import { ColdframeError } from '#core/error.ts';
import type { RestorePointMarks } from '#core/restore-point-marks.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { PruneContext } from '#engine/prune-ports.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';
import { countingIds, testClock } from '#test/support/test-clock.ts';

/** What the machine throws when it loses power. */
export class PowerCut extends Error {}

/** Archives and catalog that outlive power cuts; a cut comes before any step that changes them. */
export class PruneWorld {
  readonly archives = new Map<string, RestorePoint>();
  readonly catalog = new Map<string, RestorePoint>();
  readonly marks = new Map<string, RestorePointMarks>();
  readonly clock = testClock(Date.UTC(2024, 0, 1));
  readonly repository = { id: 'repository000001', name: 'main', root: '/nowhere', addedAtMs: 0 };
  readonly vm = sampleRestorePoint({ id: 'x', createdAtMs: 0 }).header.vm;
  /** Changes until the power goes; undefined: it stays. */
  cutAfter: number | undefined;
  /** Called before each archive is deleted. */
  beforeRemove: () => void = () => undefined;
  unreadable: string | undefined;
  locked = false;
  readonly #ids = countingIds();

  add(options: { parentId?: string; jobName: string | null; createdAtMs?: number }): RestorePoint {
    const { parentId, jobName } = options;
    const parent = parentId === undefined ? {} : { parentId };
    const createdAtMs = options.createdAtMs ?? this.clock.now();
    const sample = sampleRestorePoint({ id: this.#ids.next(), createdAtMs, ...parent });
    const point = { ...sample, header: { ...sample.header, jobName } };
    this.archives.set(point.header.id, point);
    this.catalog.set(point.header.id, point);
    return point;
  }

  context(): PruneContext {
    const say = (): void => undefined;
    return {
      applianceId: 'appliance0000001',
      clock: this.clock,
      ids: this.#ids,
      log: { info: say, warn: say, error: say },
      catalog: {
        getRestorePoint: async (id) => this.catalog.get(id),
        restorePointsOfVm: async () => [...this.catalog.values()],
        removeRestorePoint: async (id) => this.#change(() => this.catalog.delete(id)),
        restorePointMarks: async (ids) =>
          new Map([...this.marks].filter(([id]) => ids.includes(id))),
        setRemoving: async (ids, removing) =>
          this.#change(() => {
            for (const id of ids) {
              const { removing: _, ...others } = this.marks.get(id) ?? {};
              this.marks.set(id, removing ? { ...others, removing } : others);
            }
          }),
        forgetMarks: async (id) => this.#change(() => this.marks.delete(id)),
      },
      repositories: {
        listVm: async () => {
          if (this.unreadable !== undefined)
            throw new ColdframeError('archive-damaged', `${this.unreadable} cannot be read.`);
          return [...this.archives.values()];
        },
        lockVm: async () => {
          if (this.locked) throw new ColdframeError('busy', 'in use.');
          this.locked = true;
          return {
            [Symbol.asyncDispose]: async () => {
              this.locked = false;
            },
          };
        },
        remove: async (_repository, path) => {
          this.beforeRemove();
          this.#change(() => {
            for (const [id, point] of this.archives)
              if (point.path === path) this.archives.delete(id);
          });
        },
      },
    };
  }

  #change(work: () => unknown): void {
    if (this.cutAfter !== undefined && this.cutAfter-- <= 0) throw new PowerCut('power cut');
    work();
  }

  parentOf(id: string): string | null {
    return this.archives.get(id)?.header.parent?.id ?? null;
  }

  /** The archives that `id` builds on and itself; undefined when one is not there. */
  chainOf(id: string): readonly string[] | undefined {
    const chain: string[] = [];
    for (let at: string | null = id; at !== null; at = this.parentOf(at)) {
      if (!this.archives.has(at)) return undefined;
      chain.push(at);
    }
    return chain;
  }
}
