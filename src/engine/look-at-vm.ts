import { ColdframeError } from '#core/error.ts';
import { preflightBackup, type Finding } from '#core/preflight.ts';
import { checkDatastoreSpace } from '#core/space.ts';
import type { JournalEntry } from '#core/journal.ts';
import type { VmDetails } from '#core/vm.ts';

import type { EngineContext, VmQuery, VsphereConnection } from './ports.ts';
import { mixedDisks, unfinishedRestores, type VmAt } from './unfinished-restore.ts';

export interface VmLook {
  readonly vm: VmDetails;
  /** The appliance's own VM on this endpoint. */
  readonly appliance: VmDetails | undefined;
  readonly findings: readonly Finding[];
}

export async function requireVm(
  connection: VsphereConnection,
  query: VmQuery,
  signal: AbortSignal,
): Promise<VmDetails> {
  const moref = await connection.findVm(query, signal);
  if (moref !== undefined) return connection.getVm(moref, signal);
  const [wanted] = Object.values(query);
  throw new ColdframeError(
    'not-found',
    `There is no VM "${wanted}" on ${connection.about.fullName}. List them with "coldframe vm list".`,
  );
}

export async function findAppliance(
  context: EngineContext,
  connection: VsphereConnection,
  signal: AbortSignal,
): Promise<VmDetails | undefined> {
  const moref = await connection.findOwnVm(await context.devices.self(signal), signal);
  return moref === undefined ? undefined : connection.getVm(moref, signal);
}

/** A fresh look, before anything is changed. Throws 'not-eligible' with everything that blocks. */
export async function lookAtVm(
  context: EngineContext,
  look: {
    readonly connection: VsphereConnection;
    readonly endpointId: string;
    readonly query: VmQuery;
  },
  signal: AbortSignal,
): Promise<VmLook> {
  const { connection, endpointId, query } = look;
  const vm = await requireVm(connection, query, signal);
  const appliance = await findAppliance(context, connection, signal);
  const findings = [...preflightBackup(vm, appliance?.identity.moref)];
  if (!findings.some(({ id }) => id === 'unfinished-restore'))
    findings.push(...mixes(await context.journal.open(), { endpointId, vm: vm.identity }));
  const datastores = new Set(vm.disks.map(({ backing }) => backing.datastoreMoref));
  for (const moref of datastores)
    if (moref !== '')
      findings.push(...checkDatastoreSpace(await connection.getDatastore(moref, signal)));
  const blocks = findings.filter(({ effect }) => effect === 'blocks');
  if (blocks.length > 0)
    throw new ColdframeError(
      'not-eligible',
      `${vm.identity.name} cannot be backed up: ${blocks.map(({ text }) => text).join(' ')}`,
      { details: { findings } },
    );
  return { vm, appliance, findings };
}

/** What the journal knows of half-restored disks, also where the mark on the VM was lost. */
function mixes(open: readonly JournalEntry[], of: VmAt): readonly Finding[] {
  return unfinishedRestores(open, of).map((entry) => ({
    effect: 'blocks',
    id: 'unfinished-restore',
    text:
      `A restore from restore point ${entry.detail.restorePointId} did not finish: ${mixedDisks(entry)} ` +
      'are a mix of old and restored data. Restore them again first.',
  }));
}
