import type { ExtentList } from '#core/extents.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import type { Effects } from './effects.ts';
import { laterPoints } from './later-points.ts';
import { targetsIn } from './match-disks.ts';
import { requireOverwritable } from './plan-restore.ts';
import type { RestoreGround } from './restore-ground.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';
import type { DiskMethod, InPlaceTarget } from './requests.ts';
import { findRollbackAreas } from './rollback-areas.ts';

/** How much of each disk an in-place restore writes. */
export interface HowToWrite {
  /** By label; a disk that is not here is written whole. */
  readonly methods: ReadonlyMap<string, DiskMethod>;
  /** For `writeDisks`. */
  readonly write: {
    readonly areas?: ReadonlyMap<string, ExtentList>;
    readonly changedIn?: readonly RestorePoint[];
  };
}

/** For a rollback asks what changed, when the VM is off and before anything is written. */
export async function howToWrite(
  context: EngineContext,
  job: {
    readonly target: InPlaceTarget;
    readonly connection: VsphereConnection;
    readonly effects: Effects;
    readonly ground: RestoreGround;
    readonly vmMoref: string;
    readonly taskId: string;
  },
  signal: AbortSignal,
): Promise<HowToWrite> {
  const { target, connection, effects, ground, vmMoref, taskId } = job;
  if (target.rollback !== true) return { methods: new Map(), write: {} };
  const { point, appliance } = ground;
  const vm = await connection.getVm(vmMoref, signal);
  requireOverwritable(vm, target, appliance);
  const methods = await findRollbackAreas(
    context,
    { connection, effects, vm, point, targets: targetsIn(vm, ground), taskId },
    signal,
  );
  const areas = new Map<string, ExtentList>();
  for (const [label, how] of methods) if (how.areas !== undefined) areas.set(label, how.areas);
  return { methods, write: { areas, changedIn: await laterPoints(context, point) } };
}
