import type { JournalEntry } from '#core/journal.ts';
import { preflightBackup, type Finding } from '#core/preflight.ts';
import { preflightSnapshots } from '#core/preflight-snapshots.ts';
import { preflightNfs, preflightTransports } from '#core/preflight-transports.ts';
import { changedBytesPerHour, checkDatastoreSpace, expectedGrowthBytes } from '#core/space.ts';
import type { TransportChoice } from '#core/transport-plan.ts';
import type { DatastoreInfo, VmDetails } from '#core/vm.ts';

import { checkVmPrivileges } from './check-privileges.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';
import { mixedDisks, unfinishedRestores, type VmAt } from './unfinished-restore.ts';

export interface VmSurvey {
  readonly connection: VsphereConnection;
  readonly endpointId: string;
  readonly vm: VmDetails;
  readonly appliance: VmDetails | undefined;
  readonly transports: readonly TransportChoice[];
}

/** Everything that a backup of this VM would meet, found without changing anything. */
export async function surveyVm(
  context: EngineContext,
  survey: VmSurvey,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { connection, endpointId, vm, appliance } = survey;
  const { applianceId, clock } = context;
  const vddk = await context.vddk.installed();
  const findings = [
    ...preflightBackup(vm, appliance?.identity.moref),
    ...preflightSnapshots(vm.snapshots, { applianceId, nowMs: clock.now() }),
    ...preflightTransports(vm, {
      policy: survey.transports,
      vddkVersion: vddk?.version,
      appliance,
    }),
  ];
  if (!findings.some(({ id }) => id === 'unfinished-restore'))
    findings.push(...mixes(await context.journal.open(), { endpointId, vm: vm.identity }));
  const datastores = await datastoresOf(survey, signal);
  const rate = changedBytesPerHour(await context.catalog.restorePointsOfVm(vm.identity));
  const hosts = { vm: vm.hostMoref, appliance: appliance?.hostMoref };
  for (const datastore of datastores) {
    const growth = expectedGrowthBytes(vm, datastore.moref, rate);
    findings.push(...checkDatastoreSpace(datastore, growth), ...preflightNfs(datastore, hosts));
  }
  const vddkInstalled = vddk !== undefined;
  const account = { vm, appliance, vddkInstalled, datastores };
  findings.push(...(await checkVmPrivileges(connection, account, signal)));
  return findings;
}

async function datastoresOf(
  { connection, vm }: VmSurvey,
  signal: AbortSignal,
): Promise<readonly DatastoreInfo[]> {
  const found: DatastoreInfo[] = [];
  for (const moref of new Set(vm.disks.map(({ backing }) => backing.datastoreMoref)))
    if (moref !== '') found.push(await connection.getDatastore(moref, signal));
  return found;
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
