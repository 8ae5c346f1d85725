import { ColdframeError } from '#core/error.ts';
import { normaliseExtents, type ExtentList } from '#core/extents.ts';
import { listAt, numberAt, required, type VimValue } from './value.ts';
import { snapshotRef, vmRef, type Vim } from './vim.ts';

/** A fragmented disk on a busy array takes its time. */
const answerDeadlineMs = 15 * 60_000;

export interface ChangedAreasRequest {
  readonly vmMoref: string;
  readonly snapshotMoref: string;
  readonly deviceKey: number;
  readonly capacityBytes: number;
  /** Position to compare with; "*" asks for allocated areas. */
  readonly changeId: string;
}

interface Window {
  readonly start: number;
  readonly end: number;
}

/**
 * QueryChangedDiskAreas over the whole disk: one answer may cover only a part of
 * it, so it is asked on until the capacity is reached. Anything that does not look
 * like a true answer throws; the caller reads the disk in full then, never less.
 */
export async function changedAreas(
  vim: Vim,
  request: ChangedAreasRequest,
  signal: AbortSignal,
): Promise<ExtentList> {
  const { capacityBytes } = request;
  const pairs: number[] = [];
  let next = 0;
  while (next < capacityBytes) {
    const answer = await vim.connection.call(
      'QueryChangedDiskAreas',
      {
        _this: vmRef(request.vmMoref),
        snapshot: snapshotRef(request.snapshotMoref),
        deviceKey: request.deviceKey,
        startOffset: next,
        changeId: request.changeId,
      },
      { signal, deadlineMs: answerDeadlineMs },
    );
    const window = coveredWindow(answer, next);
    collectAreas(answer, { window, capacityBytes, pairs });
    next = window.end;
  }
  return normaliseExtents(pairs, capacityBytes);
}

function coveredWindow(answer: VimValue | undefined, asked: number): Window {
  const start = required(numberAt(answer, 'startOffset'), 'start of the changed areas');
  const length = required(numberAt(answer, 'length'), 'length of the changed areas');
  if (start !== asked) throw implausible(`asked from ${asked}, it answered from ${start}`);
  if (!(length > 0)) throw implausible(`the answer at ${asked} covers ${length} bytes`);
  return { start, end: start + length };
}

interface Collection {
  readonly window: Window;
  readonly capacityBytes: number;
  /** Offsets and lengths, appended to. */
  readonly pairs: number[];
}

/** Areas must lie in the window, in any order; only the disk's last may reach past its end, by rounding. */
function collectAreas(
  answer: VimValue | undefined,
  { window, capacityBytes, pairs }: Collection,
): void {
  for (const area of listAt(answer, 'changedArea')) {
    const start = required(numberAt(area, 'start'), 'start of a changed area');
    const length = required(numberAt(area, 'length'), 'length of a changed area');
    const end = start + length;
    const fits = end <= window.end || window.end >= capacityBytes;
    if (
      start < window.start ||
      start >= Math.min(window.end, capacityBytes) ||
      length <= 0 ||
      !fits
    )
      throw implausible(
        `area ${start}+${length} does not lie in ${window.start}..${Math.min(window.end, capacityBytes)}`,
      );
    pairs.push(start, length);
  }
}

function implausible(what: string): ColdframeError {
  return new ColdframeError(
    'vsphere-fault',
    `Change tracking gave an answer that cannot be right (${what}). The disk is read in full; if this stays, reset change tracking of the VM.`,
    { details: { method: 'QueryChangedDiskAreas', implausible: what } },
  );
}
