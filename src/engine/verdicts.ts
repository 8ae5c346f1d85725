import type { VerifyResult } from '#core/mover-orders.ts';
import type { Damage } from '#core/restore-point-marks.ts';
import type { RestorePoint } from '#core/restore-point.ts';

/**
 * What a verification of a chain (oldest first) says of each restore point in it. Damage in one is
 * damage to those that build on it, unless they hold anew what it has lost.
 */
export function verdictsOf(
  chain: readonly RestorePoint[],
  { damage, lost }: Pick<VerifyResult, 'damage' | 'lost'>,
  atMs: number,
): ReadonlyMap<string, Damage | undefined> {
  const verdicts = new Map<string, Damage | undefined>();
  let first: { readonly path: string; readonly message: string } | undefined;
  for (const { header, path } of chain) {
    const own = damage.find((each) => each.path === path);
    first ??= own;
    const gone = lost.find((each) => each.path === path);
    const isHit = own !== undefined || gone?.whole === true || (gone?.areas.length ?? 0) > 0;
    const cause = own ?? first;
    verdicts.set(
      header.id,
      isHit && cause !== undefined
        ? {
            atMs,
            path: cause.path,
            message: cause.message,
            ...(gone === undefined || gone.whole ? {} : { areas: gone.areas }),
          }
        : undefined,
    );
  }
  return verdicts;
}
