import type { VmIdentity } from '#core/vm.ts';

import { claimVm } from './claim-vm.ts';
import { Effects } from './effects.ts';
import { ownSources } from './own-sources.ts';
import { prepareRestore } from './plan-restore.ts';
import type { EngineContext } from './ports.ts';
import type { RestoreOutcome, RestoreRequest, TaskWatch } from './requests.ts';
import { restoreInPlace } from './restore-in-place.ts';
import { restoreToNewVm } from './restore-to-new-vm.ts';

/** Restores one restore point: to a VM that it makes, or over the VM that is there. */
export async function restoreVm(
  context: EngineContext,
  request: RestoreRequest,
  watch: TaskWatch,
): Promise<RestoreOutcome> {
  const startedAtMs = context.clock.now();
  const { target, endpoint, taskId } = request;
  await using connection = await context.vsphere.connect(endpoint, watch.signal);
  const ground = await prepareRestore(context, { request, connection }, watch.signal);
  using claims = new DisposableStack();
  const claim = (vm: VmIdentity): void => void claims.use(claimVm(context, vm));
  if (ground.vm !== undefined) claim(ground.vm.identity);
  const effects = new Effects(context, {
    taskId,
    endpointId: endpoint.id,
    sources: ownSources(request),
  });
  let outcome: Omit<RestoreOutcome, 'durationMs'>;
  {
    await using tidied = effects;
    const job = { request, connection, ground, effects: tidied };
    outcome =
      target.kind === 'new-vm'
        ? await restoreToNewVm(context, { ...job, target, claim }, watch)
        : await restoreInPlace(context, { ...job, target }, watch);
  }
  return {
    ...outcome,
    warnings: [...outcome.warnings, ...effects.remains],
    durationMs: context.clock.now() - startedAtMs,
  };
}
