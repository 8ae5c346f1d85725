import type { Clock, IdSource } from '#core/clock.ts';
import { archivesOfPoint } from '#engine/archives-of-point.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import { checkVm } from '#engine/look-at-vm.ts';
import type { TaskLog } from '#engine/ports.ts';
import { makeSyntheticFull } from '#engine/make-synthetic-full.ts';
import { planRestore } from '#engine/plan-restore.ts';
import { recover } from '#engine/recover.ts';
import type { PruneContext } from '#engine/prune-ports.ts';
import { prune } from '#engine/prune.ts';
import { removeRestorePoint } from '#engine/remove-restore-point.ts';
import type { RecoverSources } from '#engine/requests.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import { listStrays, releaseStrays, type StrayContext } from '#engine/strays.ts';
import { verifyOldestProofs } from '#engine/verify-oldest-proofs.ts';
import { verifyRestorePoint } from '#engine/verify-restore-point.ts';

import type { Adapters } from './compose-adapters.ts';
import type { Vddk } from './operations/vddk.ts';
import type { ServiceCatalog, UseCases } from './ports.ts';

export interface EngineOptions {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly adapters: Adapters;
  readonly catalog: ServiceCatalog;
  readonly vddk: Vddk;
  readonly sources: RecoverSources;
  readonly runningTaskIds: () => ReadonlySet<string>;
  /** For what no task asked for. */
  readonly log: TaskLog;
}

/** Here the compiler checks that every adapter fits the engine's ports. */
export function bindUseCases(options: EngineOptions): UseCases {
  const { clock, ids, adapters, catalog, vddk, sources, runningTaskIds } = options;
  const context = (log: TaskLog): StrayContext & PruneContext => ({
    applianceId: catalog.applianceId,
    clock,
    ids,
    vsphere: adapters.vsphere,
    devices: adapters.devices,
    mover: adapters.mover,
    repositories: adapters.repositories,
    catalog,
    journal: catalog.journal,
    vddk,
    log,
  });
  return {
    listStrays: (request, signal) => listStrays(context(options.log), request, signal),
    releaseStrays: (request, signal) => releaseStrays(context(options.log), request, signal),
    checkVm: (wanted, signal) => checkVm(context(options.log), wanted, signal),
    backUpVm: (request, { log, ...watch }) => backUpVm(context(log), request, watch),
    planRestore: (request, { log, signal }) => planRestore(context(log), request, signal),
    restoreVm: (request, { log, ...watch }) => restoreVm(context(log), request, watch),
    verifyRestorePoint: (request, { log, ...watch }) =>
      verifyRestorePoint(context(log), request, watch),
    archivesOfPoint: (request, signal) => archivesOfPoint(context(options.log), request, signal),
    verifyOldestProofs: (request, { log, ...watch }) =>
      verifyOldestProofs(context(log), request, watch),
    makeSyntheticFull: (request, { log, ...watch }) =>
      makeSyntheticFull(context(log), request, watch),
    prune: (request, { log, signal }) => prune(context(log), request, signal),
    removeRestorePoint: (request, signal) =>
      removeRestorePoint(context(options.log), request, signal),
    recover: (signal) =>
      recover(context(options.log), { sources, runningTaskIds: runningTaskIds(), signal }),
  };
}
