import { toErrorRecord } from '#core/error.ts';
import type { ExtraMember } from '#core/mover-orders.ts';
import type { SnapshotContents } from '#core/vm.ts';

import type { EngineContext, VsphereConnection } from './ports.ts';

/** The VM's configuration beside its disks: what a restore to a new VM needs, and people read. */
export async function configurationMembers(
  context: EngineContext,
  job: {
    readonly connection: VsphereConnection;
    readonly vmMoref: string;
    readonly contents: SnapshotContents;
  },
  signal: AbortSignal,
): Promise<{ readonly members: readonly ExtraMember[]; readonly warnings: readonly string[] }> {
  const { configXml, config, placement } = job.contents;
  const members: ExtraMember[] = [
    { name: 'vm/config.xml', data: Buffer.from(configXml) },
    { name: 'vm/config.json', data: jsonBytes(config) },
    { name: 'vm/placement.json', data: jsonBytes(placement) },
  ];
  const warnings: string[] = [];
  try {
    const nvram = await job.connection.readNvram(job.vmMoref, signal);
    if (nvram !== undefined) members.push({ name: 'vm/nvram', data: nvram });
  } catch (error) {
    signal.throwIfAborted();
    const { message } = toErrorRecord(error);
    warnings.push(`The firmware settings (NVRAM) could not be saved: ${message}`);
    context.log.warn(warnings[0]!);
  }
  return { members, warnings };
}

function jsonBytes(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
