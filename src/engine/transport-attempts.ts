import { ColdframeError } from '#core/error.ts';
import {
  planTransport,
  type ReachableDisk,
  type TransportCandidate,
  type TransportChoice,
  type TransportFacts,
} from '#core/transport-plan.ts';
import type { VmDisk } from '#core/vm.ts';

/** A disk on its way through the transports that may carry it. */
interface Track {
  readonly label: string;
  readonly disk: VmDisk;
  readonly candidates: TransportCandidate[];
  readonly failures: string[];
}

export interface ChosenTransport {
  readonly label: string;
  readonly disk: VmDisk;
  readonly choice: TransportChoice;
  /** Why this one, for the restore point. */
  readonly reason: string;
}

/**
 * Which transport each disk is tried by. A transport that fails before a byte was moved is
 * struck from the disk's list; the policy decides whether the next may follow.
 */
export class TransportAttempts {
  readonly #tracks: readonly Track[];
  readonly #onFallback: 'warn' | 'fail';
  readonly warnings: string[] = [];

  constructor(
    disks: readonly { readonly label: string; readonly disk: VmDisk }[],
    facts: TransportFacts,
    onFallback: 'warn' | 'fail',
  ) {
    this.#onFallback = onFallback;
    this.#tracks = disks.map(({ label, disk }) => ({
      label,
      disk,
      candidates: [...candidatesFor(disk.label, disk, facts)],
      failures: [],
    }));
  }

  /** What to try now. */
  choose(): readonly ChosenTransport[] {
    return this.#tracks.map(({ label, disk, candidates, failures }) => {
      const { choice, reason } = candidates[0]!;
      const why = failures.length === 0 ? reason : failures.join('; ');
      return { label, disk, choice, reason: why };
    });
  }

  /**
   * Strikes what `error` says could not be opened. Rethrows when the error is none of that kind,
   * when no transport is left, or when the policy wants no other.
   */
  strike(error: unknown): void {
    const labels = unopened(error);
    if (labels === undefined || this.#onFallback === 'fail') throw error;
    // An error that names no disk speaks of all that were tried the same way.
    for (const track of this.#tracks) {
      if (labels.length > 0 && !labels.includes(track.label)) continue;
      const [failed, next] = track.candidates;
      if (failed === undefined || next === undefined) throw error;
      const failure = `${failed.choice} failed: ${(error as Error).message}`;
      track.candidates.shift();
      track.failures.push(failure);
      this.warnings.push(`${track.disk.label} goes by ${next.choice}, because ${failure}`);
    }
  }
}

/** The transports worth trying, in order. Throws 'not-eligible' with every reason when there is none. */
export function candidatesFor(
  deviceLabel: string,
  disk: ReachableDisk,
  facts: TransportFacts,
): readonly TransportCandidate[] {
  const { candidates, ruledOut } = planTransport(disk, facts);
  if (candidates.length > 0) return candidates;
  const reasons = ruledOut.map(({ choice, reason }) => `${choice}: ${reason}`).join('; ');
  throw new ColdframeError('not-eligible', `No transport can reach ${deviceLabel}: ${reasons}.`);
}

/** A disk could not be opened, and nothing was read or written. */
export function isOpenFailure(error: unknown): error is ColdframeError {
  return error instanceof ColdframeError && error.details['stage'] === 'open';
}

/** VDDK could not even be started, so it has left nothing to clean up. */
export function isUntouched(error: unknown): boolean {
  return isOpenFailure(error) && error.details['untouched'] === true;
}

/** Labels of the disks that could not be opened; undefined when that is not what went wrong. */
function unopened(error: unknown): readonly string[] | undefined {
  if (!isOpenFailure(error)) return undefined;
  const labels = error.details['labels'];
  return Array.isArray(labels) ? labels.map(String) : [];
}
