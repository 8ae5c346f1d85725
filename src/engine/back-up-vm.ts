import { planBackup, withoutPositions } from '#core/backup-plan.ts';
import { ColdframeError } from '#core/error.ts';
import { checkRepositorySpace } from '#core/space.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import { configurationMembers } from './archive-members.ts';
import { concludeAudit, planAudit } from './audit-tracking.ts';
import { backupHeader } from './backup-header.ts';
import { chooseParent } from './choose-parent.ts';
import { claimVm } from './claim-vm.ts';
import { copyDisks } from './copy-disks.ts';
import { findDiskSources } from './disk-sources.ts';
import { Effects } from './effects.ts';
import { enableChangeTracking } from './enable-change-tracking.ts';
import { holdVmFolder } from './hold-vm-folder.ts';
import { lookAtVm, type VmLook } from './look-at-vm.ts';
import type { EngineContext, VsphereConnection } from './ports.ts';
import type { BackupOutcome, BackupRequest, TaskWatch } from './requests.ts';
import { ownSources } from './own-sources.ts';
import { prepareAccess } from './prepare-access.ts';
import { resetChangeTracking } from './reset-change-tracking.ts';
import { takeSnapshot } from './take-snapshot.ts';
import { TransportAttempts } from './transport-attempts.ts';
import { whileThereIsSpace } from './watch-space.ts';

/**
 * Backs up one VM. An error before the archive is committed leaves no restore point; after it
 * the restore point stays, and what could not be tidied is told as warnings and left to `recover`.
 */
export async function backUpVm(
  context: EngineContext,
  request: BackupRequest,
  watch: TaskWatch,
): Promise<BackupOutcome> {
  const startedAtMs = context.clock.now();
  await using connection = await context.vsphere.connect(request.endpoint, watch.signal);
  const look = await lookAtVm(
    context,
    {
      connection,
      endpointId: request.endpoint.id,
      query: request.vm,
      transports: request.options.transports,
    },
    watch.signal,
  );
  using _claim = claimVm(context, look.vm.identity);
  const effects = new Effects(context, {
    taskId: request.taskId,
    endpointId: request.endpoint.id,
    sources: ownSources(request),
  });
  let made: MadeRestorePoint;
  {
    await using tidied = effects;
    made = await makeRestorePoint(context, { request, connection, look, effects: tidied }, watch);
  }
  const { restorePoint, readBytes } = made;
  return {
    restorePoint,
    warnings: [...made.warnings, ...effects.remains],
    findings: look.findings,
    readBytes,
    durationMs: context.clock.now() - startedAtMs,
  };
}

interface BackupJob {
  readonly request: BackupRequest;
  readonly connection: VsphereConnection;
  readonly look: VmLook;
  readonly effects: Effects;
}

interface MadeRestorePoint {
  readonly restorePoint: RestorePoint;
  readonly readBytes: number;
  readonly warnings: readonly string[];
}

async function makeRestorePoint(
  context: EngineContext,
  { request, connection, look, effects }: BackupJob,
  watch: TaskWatch,
): Promise<MadeRestorePoint> {
  const { signal } = watch;
  const { repository, options } = request;
  const { vm, appliance } = look;
  const vmMoref = vm.identity.moref;

  const { freeBytes } = await context.repositories.check(repository, signal);
  await using _held = await holdVmFolder(context, { vm: vm.identity, repository }, signal);
  const parent = await chooseParent(context, { vm: vm.identity, request }, signal);
  const reset = await resetChangeTracking(
    context,
    { connection, effects, vm, taskId: request.taskId, last: parent.last },
    signal,
  );
  const tracking = await enableChangeTracking(context, { connection, vm }, signal);
  const prepared = await prepareAccess(
    context,
    {
      connection,
      endpoint: request.endpoint,
      effects,
      vm,
      appliance,
      transports: options.transports,
    },
    signal,
  );
  const snapshot = await takeSnapshot(
    context,
    {
      connection,
      effects,
      vm,
      quiesce: options.quiesce,
      quiesceRetries: options.quiesceRetries ?? 0,
      taskId: request.taskId,
    },
    signal,
  );
  const contents = await connection.snapshotContents(vmMoref, snapshot.moref, signal);
  const planned = planBackup({ snapshotDisks: contents.disks, vmDisks: vm.disks, parent });
  if (planned.disks.length === 0)
    throw new ColdframeError(
      'not-eligible',
      `The snapshot of ${vm.identity.name} holds no disk to back up.`,
    );
  const {
    plan,
    sources: changed,
    expectedBytes,
  } = await findDiskSources(
    context,
    {
      connection,
      vmMoref,
      snapshotMoref: snapshot.moref,
      plan: withoutPositions(planned, reset.doubted),
    },
    signal,
  );
  refuseWithoutSpace(freeBytes, expectedBytes);
  const percent = options.auditPercent ?? 0;
  const audit = await planAudit(
    context,
    { vm: vm.identity, repository, parent: plan.parent, sources: changed, percent },
    signal,
  );
  const configuration = await configurationMembers(
    context,
    { connection, vmMoref, contents },
    signal,
  );
  const vddk = await context.vddk.installed();
  const attempts = new TransportAttempts(
    plan.disks,
    { policy: options.transports, vddkVersion: vddk?.version, appliance, vm, purpose: 'backup' },
    options.onFallback,
  );

  const id = context.ids.next();
  const path = context.repositories.archivePath({
    vmName: vm.identity.name,
    vmInstanceUuid: vm.identity.instanceUuid,
    createdAtMs: snapshot.createdAtMs,
    kind: plan.kind,
    id,
    compression: options.compression,
    encrypted: repository.encryptTo !== undefined,
  });
  const warnings = [
    ...reset.warnings,
    ...tracking,
    ...snapshot.warnings,
    ...configuration.warnings,
  ];
  const result = await whileThereIsSpace(context, { connection, vm, signal }, (enough) =>
    copyDisks(
      context,
      {
        connection,
        endpoint: request.endpoint,
        repository,
        effects,
        attempts,
        vm,
        appliance,
        snapshotMoref: snapshot.moref,
        prepared,
        path,
        headerFor: (transports) =>
          backupHeader({
            id,
            applianceId: context.applianceId,
            request,
            vm: vm.identity,
            snapshot,
            plan,
            transports,
            warnings: [...warnings, ...attempts.warnings],
          }),
        members: configuration.members,
        sources: audit.sources,
        ...(audit.against === undefined ? {} : { auditAgainst: audit.against }),
        options,
      },
      { ...watch, signal: enough },
    ),
  );

  await effects.undoKind('disable-migration');
  const restorePoint: RestorePoint = {
    header: result.header,
    repositoryId: repository.id,
    path,
    archiveBytes: result.archiveBytes,
    finishedAtMs: result.manifest.finishedAtMs,
    seal: result.seal,
    disks: result.manifest.disks,
  };
  const late = await list(context, { restorePoint, effects });
  const audited = await concludeAudit(context, {
    vm: vm.identity,
    plan: audit,
    findings: result.audited,
  });
  return {
    restorePoint,
    readBytes: result.readBytes,
    warnings: [...warnings, ...attempts.warnings, ...late, ...audited],
  };
}

/** From here on nothing loses the restore point: what the catalog refuses, `recover` lists later. */
async function list(
  context: EngineContext,
  { restorePoint, effects }: { restorePoint: RestorePoint; effects: Effects },
): Promise<readonly string[]> {
  try {
    await context.catalog.addRestorePoint(restorePoint);
    await effects.keep('partial-archive');
    return [];
  } catch (error) {
    effects.leaveOpen('partial-archive');
    const reason = error instanceof Error ? error.message : String(error);
    return [`The archive is complete but could not be listed yet: ${reason}`];
  }
}

function refuseWithoutSpace(freeBytes: number, expectedBytes: number): void {
  const block = checkRepositorySpace(freeBytes, expectedBytes).find(
    ({ effect }) => effect === 'blocks',
  );
  if (block !== undefined) throw new ColdframeError('no-space', block.text);
}
