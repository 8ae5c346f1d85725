import type { BackupPlan, DiskPlan } from '#core/backup-plan.ts';
import {
  defaultChunkBytes,
  formatVersion,
  type ArchivedDisk,
  type RestorePointHeader,
  type TransportName,
} from '#core/restore-point.ts';
import type { VmIdentity } from '#core/vm.ts';

import type { BackupRequest } from './requests.ts';
import type { BackupSnapshot } from './take-snapshot.ts';
import type { ChosenTransport } from './transport-attempts.ts';

export interface BackupHeaderInput {
  readonly id: string;
  readonly applianceId: string;
  readonly request: BackupRequest;
  readonly vm: VmIdentity;
  readonly snapshot: BackupSnapshot;
  readonly plan: BackupPlan;
  readonly transports: readonly ChosenTransport[];
  readonly warnings: readonly string[];
}

/** restore-point.json; the mover corrects the transports to what was really opened. */
export function backupHeader(input: BackupHeaderInput): RestorePointHeader {
  const { request, plan, snapshot, vm } = input;
  const parent = plan.parent;
  return {
    formatVersion,
    id: input.id,
    kind: plan.kind,
    createdAtMs: snapshot.createdAtMs,
    applianceId: input.applianceId,
    jobName: request.jobName,
    runId: request.runId,
    taskId: request.taskId,
    vm,
    consistency: snapshot.consistency,
    parent: parent === null ? null : { id: parent.header.id, seal: parent.seal },
    digestAlgorithm: 'blake3-256',
    chunkBytes: defaultChunkBytes,
    compression: request.options.compression,
    disks: plan.disks.map((disk) => archivedDisk(disk, input.transports)),
    skippedDisks: plan.skipped,
    warnings: input.warnings,
  };
}

function archivedDisk(
  { disk, label, mode, reason }: DiskPlan,
  transports: readonly ChosenTransport[],
): ArchivedDisk {
  const { backing, controller } = disk;
  const chosen = transports.find((each) => each.label === label);
  return {
    key: disk.key,
    label,
    deviceLabel: disk.label,
    capacityBytes: disk.capacityBytes,
    uuid: disk.uuid,
    backing: {
      kind: backing.kind,
      fileName: backing.fileName,
      mode: backing.mode,
      thin: backing.thin,
      eagerlyScrub: backing.eagerlyScrub,
    },
    controller: {
      kind: controller.kind,
      key: controller.key,
      bus: controller.bus,
      unit: controller.unit,
    },
    changeId: disk.changeId ?? null,
    mode,
    modeReason: reason,
    transport: transportName(chosen?.choice),
    transportReason: chosen?.reason ?? '',
  };
}

function transportName(choice: ChosenTransport['choice'] | undefined): TransportName {
  return choice === undefined || choice === 'hotadd-vddk' || choice === 'hotadd-own'
    ? 'hotadd'
    : choice;
}
