import type { RestorePoint } from '#core/restore-point.ts';
import type { VmIdentity } from '#core/vm.ts';

/** How well one VM is protected, judged by its newest restore point alone. */
export interface Protection {
  readonly level: 'protected' | 'late' | 'unprotected';
  readonly lastMs?: number;
}

/** A VM is late when its newest restore point is older than this: a nightly job that failed once. */
export const lateAfterMs = 26 * 3_600_000;

export function protectionOf(lastMs: number | undefined, nowMs: number): Protection {
  if (lastMs === undefined) return { level: 'unprotected' };
  return { level: nowMs - lastMs > lateAfterMs ? 'late' : 'protected', lastMs };
}

/** Newest restore point by VM, keyed as `vmKey` says. */
export function newestByVm(points: Iterable<RestorePoint>): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { header } of points) {
    const key = vmKey(header.vm);
    newest.set(key, Math.max(newest.get(key) ?? 0, header.createdAtMs));
  }
  return newest;
}

export function vmKey(vm: Pick<VmIdentity, 'endpointUuid' | 'instanceUuid'>): string {
  return `${vm.endpointUuid}/${vm.instanceUuid}`;
}
