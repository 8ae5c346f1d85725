import { toErrorRecord } from '#core/error.ts';

import type { EngineContext, VsphereConnection } from './ports.ts';
import type { RestoreRequest } from './requests.ts';

const pauseMs = 2000;

/**
 * Powers a restored VM on and, where that was asked for, waits for VMware Tools as proof that the
 * guest has started. The data are safe by then: what goes wrong is a warning.
 */
export async function startVm(
  context: EngineContext,
  job: {
    readonly request: Pick<RestoreRequest, 'waitForToolsMs'>;
    readonly connection: VsphereConnection;
    readonly vmMoref: string;
  },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { request, connection, vmMoref } = job;
  try {
    await connection.powerOn(vmMoref, signal);
  } catch (error) {
    return [`The VM was restored but could not be powered on: ${toErrorRecord(error).message}`];
  }
  const { waitForToolsMs = 0 } = request;
  if (waitForToolsMs === 0) return [];
  try {
    return await waitForTools(context, { connection, vmMoref, waitForToolsMs }, signal);
  } catch (error) {
    return [
      `The VM was restored and powered on; whether its guest runs is not known: ${toErrorRecord(error).message}`,
    ];
  }
}

async function waitForTools(
  { clock, log }: EngineContext,
  job: {
    readonly connection: VsphereConnection;
    readonly vmMoref: string;
    readonly waitForToolsMs: number;
  },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const startedMs = clock.now();
  for (;;) {
    const { toolsRunning, question } = await job.connection.getVm(job.vmMoref, signal);
    const waitedMs = clock.now() - startedMs;
    if (toolsRunning) {
      log.info(`VMware Tools runs ${Math.round(waitedMs / 1000)} s after power-on`);
      return [];
    }
    if (question !== undefined) return [`The VM waits for an answer before it starts: ${question}`];
    if (waitedMs >= job.waitForToolsMs)
      return [
        `The VM was restored and powered on, but VMware Tools did not run within ${Math.round(job.waitForToolsMs / 1000)} seconds. Look at its console.`,
      ];
    await clock.sleep(pauseMs, signal);
  }
}
