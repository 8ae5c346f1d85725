import { auditTurn } from '#core/audit-areas.ts';
import type { RepositoryConfig } from '#core/config.ts';
import { toErrorRecord } from '#core/error.ts';
import { defaultChunkBytes, type RestorePoint } from '#core/restore-point.ts';
import type { AuditFinding } from '#core/mover-orders.ts';
import type { VmIdentity } from '#core/vm.ts';

import { readChain } from './chain.ts';
import type { DiskSource } from './disk-sources.ts';
import type { EngineContext } from './ports.ts';

export interface AuditPlan {
  readonly sources: readonly DiskSource[];
  /** What is compared with, oldest first; absent: nothing is audited. */
  readonly against?: readonly RestorePoint[];
  /** Where each disk's next turn begins, once this one is done. */
  readonly next: ReadonlyMap<string, number>;
}

/**
 * Chooses of each incremental disk the next share of what change tracking calls unchanged, to be
 * read and compared with the digests of the chain. The positions roll on in the catalog.
 */
export async function planAudit(
  context: EngineContext,
  of: {
    readonly vm: VmIdentity;
    readonly repository: RepositoryConfig;
    readonly parent: RestorePoint | null;
    readonly sources: readonly DiskSource[];
    readonly percent: number;
  },
  signal: AbortSignal,
): Promise<AuditPlan> {
  const { vm, repository, parent, percent, sources } = of;
  const none = { sources, next: new Map<string, number>() };
  if (percent === 0 || parent === null) return none;
  try {
    const against = await readChain(context, { repository, point: parent }, signal);
    const next = new Map<string, number>();
    const audited: DiskSource[] = [];
    for (const source of sources) {
      const { plan, extents } = source;
      if (plan.mode === 'full') {
        audited.push(source);
        continue;
      }
      const { capacityBytes } = plan.disk;
      const turn = auditTurn({
        capacityBytes,
        changed: extents,
        chunkBytes: defaultChunkBytes,
        fromOffset: (await context.catalog.auditPosition(vm, plan.label)) ?? 0,
        mostBytes: (capacityBytes * percent) / 100,
      });
      next.set(plan.label, turn.nextOffset);
      audited.push({ ...source, audit: turn.areas });
    }
    return { sources: audited, against, next };
  } catch (error) {
    signal.throwIfAborted();
    context.log.warn(`Change tracking is not audited: ${toErrorRecord(error).message}`);
    return none;
  }
}

/** Remembers how far the audit has come, and says what it found wrong. */
export async function concludeAudit(
  context: EngineContext,
  of: {
    readonly vm: VmIdentity;
    readonly plan: AuditPlan;
    readonly findings: readonly AuditFinding[];
  },
): Promise<readonly string[]> {
  const { vm, plan, findings } = of;
  const warnings: string[] = [];
  for (const { label, comparedBytes, differentBytes } of findings) {
    const { disk } = plan.sources.find((source) => source.plan.label === label)!.plan;
    if (differentBytes === 0)
      context.log.info(`Change tracking of ${disk.label} is right about ${comparedBytes} bytes`);
    else
      warnings.push(
        `Change tracking is not to be trusted: on ${disk.label} ${differentBytes} of ${comparedBytes} bytes that it calls unchanged differ from the last restore point. ` +
          'They are stored in this one; the ones before may lack other changes. The next backup resets change tracking and reads the disk whole.',
      );
    try {
      await context.catalog.setAuditPosition(vm, label, plan.next.get(label) ?? 0);
    } catch (error) {
      context.log.warn(`The audit begins here again: ${toErrorRecord(error).message}`);
    }
  }
  for (const warning of warnings) context.log.error(warning);
  return warnings;
}
