import type { RestorePointHeader } from './restore-point.ts';

const dayMs = 86_400_000;
/** A nightly job is never exactly a day apart; a full must not slip to the next night for that. */
const slackMs = dayMs / 4;

/** Why the VM is read whole again, though its chain could go on; undefined when it need not be. */
export function reasonForActiveFull(
  root: Pick<RestorePointHeader, 'createdAtMs' | 'activeFullAtMs'>,
  {
    nowMs,
    activeFullDays = 0,
  }: { readonly nowMs: number; readonly activeFullDays?: number | undefined },
): string | undefined {
  const ageMs = nowMs - (root.activeFullAtMs ?? root.createdAtMs);
  if (activeFullDays === 0 || ageMs < activeFullDays * dayMs - slackMs) return undefined;
  return `the VM was last read whole ${Math.round(ageMs / dayMs)} days ago; the job does so every ${activeFullDays}`;
}
