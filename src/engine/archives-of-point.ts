import type { RestorePoint } from '#core/restore-point.ts';

import { findRestorePoint, readChain } from './chain.ts';
import type { EngineContext } from './ports.ts';
import type { VerifyRequest } from './requests.ts';

/** The restore point and what it builds on, oldest first, as a reader of their archives needs them. */
export async function archivesOfPoint(
  context: EngineContext,
  { repository, restorePointId }: VerifyRequest,
  signal: AbortSignal,
): Promise<readonly RestorePoint[]> {
  await context.repositories.check(repository, signal);
  const point = await findRestorePoint(context, repository, restorePointId);
  return readChain(context, { repository, point }, signal);
}
