import type { RepositoryConfig } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';
import type { RestorePoint, RestorePointHeader } from '#core/restore-point.ts';
import type { RetentionPolicy } from '#core/retention.ts';
import { planSynthetic } from '#core/synthetic-plan.ts';

import { readChain } from './chain.ts';
import { Effects } from './effects.ts';
import { holdVmFolder } from './hold-vm-folder.ts';
import type { EngineContext } from './ports.ts';
import { prunePoints } from './prune-points.ts';
import type { TaskWatch } from './requests.ts';
import type { VmInRepository } from './vm-archives.ts';

export interface SyntheticRequest extends VmInRepository {
  readonly policy: RetentionPolicy;
  /** Whether the policy is about this restore point. */
  readonly isOwn: (point: RestorePoint) => boolean;
  /** Incrementals on one full from which on a new full is made of them. */
  readonly maxIncrementals: number;
  readonly compressLevel: number;
  readonly endpointId: string;
  readonly runId: string;
  readonly taskId: string;
}

export interface SyntheticOutcome {
  readonly restorePoint: RestorePoint;
  /** Id of the restore point that it stands in for. */
  readonly replaces: string;
  readonly reason: string;
  readonly copiedBytes: number;
  readonly rebuiltBytes: number;
  readonly durationMs: number;
}

const gib = 1024 ** 3;

/**
 * Puts a full archive together from a chain that has become long, without the VM. It is proven
 * before it gets its name; nothing is removed here, and an error leaves the chain as it was.
 * Undefined: the chain is not that long yet.
 */
export async function makeSyntheticFull(
  context: EngineContext,
  request: SyntheticRequest,
  watch: TaskWatch,
): Promise<SyntheticOutcome | undefined> {
  const { repository, vm } = request;
  const { signal } = watch;
  await using _held = await holdVmFolder(context, { vm, repository }, signal);
  const points = (await context.catalog.restorePointsOfVm(vm)).filter(
    ({ repositoryId }) => repositoryId === repository.id,
  );
  const marks = await context.catalog.restorePointMarks(points.map(({ header }) => header.id));
  const planned = planSynthetic(
    prunePoints({ points, marks, isOwn: request.isOwn, inUse: new Set() }),
    request.policy,
    request.maxIncrementals,
  );
  if (planned === undefined) return undefined;
  const target = points.find(({ header }) => header.id === planned.target)!;
  const chain = await readChain(context, { repository, point: target }, signal);
  // Damage that a later backup has healed does not count: the mark is about what the point can give.
  const damage = marks.get(planned.target)?.damage;
  if (damage !== undefined)
    throw new ColdframeError(
      'archive-damaged',
      `No synthetic full is made of a restore point that is damaged (${damage.path}). The next backup heals the chain or begins a new one.`,
    );
  await refuseWithoutSpace(context, { repository, chain }, signal);
  context.log.info(`A synthetic full is made: ${planned.reason}.`, { of: planned.target });
  const made = await make(context, { request, chain, reason: planned.reason }, watch);
  return { ...made, replaces: planned.target, reason: planned.reason };
}

interface MakeJob {
  readonly request: SyntheticRequest;
  readonly chain: readonly RestorePoint[];
  readonly reason: string;
}

async function make(
  context: EngineContext,
  { request, chain, reason }: MakeJob,
  watch: TaskWatch,
): Promise<Omit<SyntheticOutcome, 'replaces' | 'reason'>> {
  const { repository, endpointId, taskId } = request;
  const folder = { root: repository.root, repositoryId: repository.id };
  const header = syntheticHeader(context, { request, chain, reason });
  const path = context.repositories.archivePath({
    vmName: header.vm.name,
    vmInstanceUuid: header.vm.instanceUuid,
    createdAtMs: header.createdAtMs,
    kind: header.kind,
    id: header.id,
    compression: header.compression,
    encrypted: repository.encryptTo !== undefined,
  });
  await using effects = new Effects(context, {
    taskId,
    endpointId,
    sources: {
      endpoint: () => Promise.reject(new ColdframeError('internal', 'No endpoint is concerned.')),
      repository: () => Promise.resolve(repository),
    },
  });
  const result = await effects.make('partial-archive', { repositoryId: repository.id, path }, () =>
    context.mover.run(
      {
        kind: 'synthesize',
        chain: chain.map((point) => ({ repository: folder, path: point.path })),
        repository: folder,
        path,
        header,
        compressLevel: request.compressLevel,
        ...(repository.encryptTo === undefined ? {} : { encryptTo: repository.encryptTo }),
        ...(repository.sums === undefined ? {} : { sums: repository.sums }),
      },
      {
        signal: watch.signal,
        ...(watch.onProgress === undefined ? {} : { onProgress: watch.onProgress }),
        onLog: (level, message) => context.log[level](message),
      },
    ),
  );
  const { manifest, seal, archiveBytes, copiedBytes, rebuiltBytes, durationMs } = result;
  const restorePoint: RestorePoint = {
    header,
    repositoryId: repository.id,
    path,
    archiveBytes,
    finishedAtMs: manifest.finishedAtMs,
    seal,
    disks: manifest.disks,
  };
  // Where the catalog refuses, undoing the entry finds the archive whole and lists it.
  await context.catalog.addRestorePoint(restorePoint);
  await effects.keep('partial-archive');
  return { restorePoint, copiedBytes, rebuiltBytes, durationMs };
}

function syntheticHeader(
  context: EngineContext,
  { request, chain, reason }: MakeJob,
): RestorePointHeader {
  const { header, seal } = chain.at(-1)!;
  const root = chain[0]!.header;
  const modeReason = `put together from ${chain.length} restore points without reading the VM: ${reason}`;
  return {
    ...header,
    id: context.ids.next(),
    kind: 'synthetic',
    applianceId: context.applianceId,
    runId: request.runId,
    taskId: request.taskId,
    parent: null,
    replaces: { restorePointId: header.id, restorePointSeal: seal },
    activeFullAtMs: root.activeFullAtMs ?? root.createdAtMs,
    disks: header.disks.map((disk) => ({ ...disk, mode: 'full', modeReason })),
  };
}

/** A repository that runs full would end the backups of others: the worst case must fit. */
async function refuseWithoutSpace(
  context: EngineContext,
  {
    repository,
    chain,
  }: { readonly repository: RepositoryConfig; readonly chain: readonly RestorePoint[] },
  signal: AbortSignal,
): Promise<void> {
  const { freeBytes } = await context.repositories.check(repository, signal);
  const most = chain.reduce((sum, { archiveBytes }) => sum + archiveBytes, 0);
  if (freeBytes > most) return;
  throw new ColdframeError(
    'no-space',
    `A synthetic full may need ${(most / gib).toFixed(1)} GiB and repository "${repository.name}" has ${(freeBytes / gib).toFixed(1)} GiB left. Free some, or let the job make active fulls.`,
  );
}
