import type { RepositoryConfig } from '#core/config.ts';
import { toErrorRecord } from '#core/error.ts';
import type { VerifyResult } from '#core/mover-orders.ts';
import type { RestorePoint } from '#core/restore-point.ts';
import type { RestorePointMarks } from '#core/restore-point-marks.ts';

import type { EngineContext } from './ports.ts';
import { recordDamage } from './record-damage.ts';
import type { TaskWatch } from './requests.ts';

export interface RollingRequest {
  readonly repository: RepositoryConfig;
  /** Nothing new is begun after so long. */
  readonly mostMs: number;
  /** Bytes of disk data. */
  readonly mostBytes: number;
  /** Archives whose last check is younger stay unread. */
  readonly againAfterMs: number;
}

export interface RollingOutcome {
  /** Archives that were read to their end. */
  readonly checked: number;
  readonly checkedBytes: number;
  readonly damaged: readonly FoundDamage[];
  /** Archives whose turn it was and that were not reached. */
  readonly left: number;
  /** Archives that could not be judged, being encrypted or unreadable for now, and why. */
  readonly unjudged: readonly { readonly path: string; readonly reason: string }[];
}

export interface FoundDamage {
  readonly restorePointId: string;
  readonly vmName: string;
  readonly path: string;
  readonly message: string;
}

/** Between parts the position is saved, so that a restart or a short window loses no more than this. */
const partBytes = 16 * 1024 ** 3;

interface Due {
  readonly id: string;
  readonly createdAtMs: number;
  /** -1: one that has been begun; 0: never checked. */
  readonly turnMs: number;
}

/**
 * Reads archives of a repository one after the other, those first whose last check is longest ago, until
 * the time or the bytes are used up; the next call goes on where this one ended.
 */
export async function verifyOldestProofs(
  context: EngineContext,
  request: RollingRequest,
  watch: TaskWatch,
): Promise<RollingOutcome> {
  const { repository, mostMs, mostBytes } = request;
  await context.repositories.check(repository, watch.signal);
  const due = await archivesDue(context, request);
  const untilMs = context.clock.now() + mostMs;
  const damaged: FoundDamage[] = [];
  const unjudged: { path: string; reason: string }[] = [];
  let checked = 0;
  let checkedBytes = 0;
  let left = due.length;
  for (const { id } of due) {
    for (;;) {
      watch.signal.throwIfAborted();
      if (context.clock.now() >= untilMs || checkedBytes >= mostBytes)
        return { checked, checkedBytes, damaged, left, unjudged };
      const point = await context.catalog.getRestorePoint(id);
      if (point === undefined) break;
      try {
        const part = await checkPart(
          context,
          { repository, point, mostBytes: mostBytes - checkedBytes },
          watch,
        );
        checkedBytes += part.checkedBytes;
        if (part.found !== undefined) damaged.push(part.found);
        if (!part.ended) continue;
        checked++;
      } catch (error) {
        watch.signal.throwIfAborted();
        await context.repositories.check(repository, watch.signal);
        const { message } = toErrorRecord(error);
        context.log.warn(`${point.path} could not be checked: ${message}`);
        unjudged.push({ path: point.path, reason: message });
      }
      break;
    }
    left--;
  }
  return { checked, checkedBytes, damaged, left, unjudged };
}

/** The order in which archives are read; only ids are kept, as there may be a million. */
async function archivesDue(
  { catalog, clock }: EngineContext,
  { repository, againAfterMs }: RollingRequest,
): Promise<readonly Due[]> {
  const youngestMs = clock.now() - againAfterMs;
  const due: Due[] = [];
  let batch: RestorePoint[] = [];
  const take = async (): Promise<void> => {
    const marks = await catalog.restorePointMarks(batch.map(({ header }) => header.id));
    for (const { header } of batch) {
      const { id, createdAtMs } = header;
      const turnMs = turnOf(marks.get(id));
      if (turnMs < 0 || turnMs <= youngestMs) due.push({ id, createdAtMs, turnMs });
    }
    batch = [];
  };
  for await (const point of catalog.restorePointsIn(repository.id)) {
    batch.push(point);
    if (batch.length >= 500) await take();
  }
  await take();
  return due.toSorted((a, b) => a.turnMs - b.turnMs || a.createdAtMs - b.createdAtMs);
}

function turnOf(marks: RestorePointMarks | undefined): number {
  return marks?.checking === undefined ? (marks?.checked?.atMs ?? 0) : -1;
}

interface PartJob {
  readonly repository: RepositoryConfig;
  readonly point: RestorePoint;
  readonly mostBytes: number;
}

interface PartOutcome {
  readonly checkedBytes: number;
  readonly ended: boolean;
  readonly found?: FoundDamage;
}

async function checkPart(
  context: EngineContext,
  { repository, point, mostBytes }: PartJob,
  watch: TaskWatch,
): Promise<PartOutcome> {
  const { id, vm } = point.header;
  const marks = (await context.catalog.restorePointMarks([id])).get(id);
  const from = marks?.checking?.next;
  const part = {
    ...(from === undefined ? {} : { from }),
    mostBytes: Math.min(partBytes, Math.max(1, mostBytes)),
  };
  const read = (): Promise<VerifyResult> =>
    context.mover.run(
      {
        kind: 'verify',
        chain: [
          { repository: { root: repository.root, repositoryId: repository.id }, path: point.path },
        ],
        part,
      },
      {
        signal: watch.signal,
        ...(watch.onProgress === undefined ? {} : { onProgress: watch.onProgress }),
        onLog: (level, message) => context.log[level](message),
      },
    );
  let result = await read();
  if (result.damage.length > 0) {
    // An error of the network or of memory does not show twice; damage does.
    await context.repositories.check(repository, watch.signal);
    context.log.warn(`${point.path} seems to be damaged and is read once more.`);
    result = await read();
  }
  const [first] = result.damage;
  // Removed meanwhile: what is not there any more is not damaged.
  if (first !== undefined && (await context.catalog.getRestorePoint(id)) === undefined)
    return { checkedBytes: result.checkedBytes, ended: true };
  if (first !== undefined)
    await recordDamage(context, { repository, point, damage: result.damage }, watch.signal);
  const good = first === undefined && marks?.checking?.good !== false;
  await context.catalog.setChecks(
    new Map([
      [
        id,
        result.next === undefined
          ? { atMs: context.clock.now(), good }
          : { next: result.next, good },
      ],
    ]),
  );
  if (result.next === undefined && good && marks?.damage?.path === point.path)
    await context.catalog.setDamage(new Map([[id, undefined]]));
  return {
    checkedBytes: result.checkedBytes,
    ended: result.next === undefined,
    ...(first === undefined
      ? {}
      : {
          found: {
            restorePointId: id,
            vmName: vm.name,
            path: point.path,
            message: first.message,
          },
        }),
  };
}
