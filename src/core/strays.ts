import type { JournalEntry } from './journal.ts';
import { markerIn } from './own-marker.ts';
import { everySnapshot } from './preflight-snapshots.ts';
import type { AttachedDisk, SnapshotNode, VmIdentity } from './vm.ts';

/** What an endpoint shows of one VM that may have been left behind. */
export interface VmTraces {
  readonly identity: VmIdentity;
  readonly snapshots: readonly SnapshotNode[];
  readonly consolidationNeeded: boolean;
  /** Of a VM that a restore makes; undefined: none. */
  readonly marker: string | undefined;
}

export type StrayKind =
  | 'snapshot'
  | 'attached-disk'
  | 'unfinished-vm'
  | 'consolidation'
  | 'foreign-snapshot'
  | 'foreign-disk'
  | 'other-appliance';

/** Something that stands in vSphere and no open journal entry accounts for. */
export interface Stray {
  /** Names it on the command line; the same as long as the thing is there. */
  readonly id: string;
  readonly kind: StrayKind;
  readonly endpointId: string;
  readonly vm: VmIdentity;
  /** What and since when, and what to do, for people. */
  readonly text: string;
  readonly sinceMs?: number;
  /** Provably made by this appliance. `named`: released only when it is named, since it may be wanted. */
  readonly release: 'ours' | 'named' | 'never';
  /** Snapshot or device key; absent where the VM itself is meant. */
  readonly object?: string;
}

export interface StrayGround {
  readonly endpointId: string;
  readonly applianceId: string;
  readonly nowMs: number;
  /** Snapshots of others that are younger are left out. */
  readonly foreignAfterDays: number;
  readonly vms: readonly VmTraces[];
  /** The appliance's own VM here, and the disks attached to it. */
  readonly appliance: VmIdentity | undefined;
  readonly attached: readonly AttachedDisk[];
  /** Read after the rest: whatever is seen of a running task has its entry by then. */
  readonly open: readonly JournalEntry[];
  /** Undone entries that are still known. */
  readonly history: readonly JournalEntry[];
}

/** What a look at the endpoints has found. */
export interface StrayView {
  readonly lookedAtMs: number;
  readonly strays: readonly Stray[];
  /** Endpoints that did not answer, by name. */
  readonly unreachable: readonly { readonly endpoint: string; readonly reason: string }[];
}

export interface StrayReleaseView extends Pick<StrayView, 'unreachable'> {
  readonly released: readonly Stray[];
  readonly left: readonly { readonly stray: Stray; readonly reason: string }[];
}

const dayMs = 24 * 3600 * 1000;

/** Sorts what was seen: what the journal accounts for is no stray, and nothing is taken for ours without proof. */
export function findStrays(ground: StrayGround): readonly Stray[] {
  return [
    ...attachedDisks(ground),
    ...ground.vms.flatMap((vm) => [
      ...snapshots(vm, ground),
      ...unfinishedVm(vm, ground),
      ...consolidation(vm, ground),
    ]),
  ];
}

function snapshots(vm: VmTraces, ground: StrayGround): readonly Stray[] {
  const { applianceId, endpointId, nowMs } = ground;
  return everySnapshot(vm.snapshots).flatMap((snapshot): Stray[] => {
    const { moref: object, name, description, createdAtMs: sinceMs } = snapshot;
    const days = Math.floor((nowMs - sinceMs) / dayMs);
    const base = { endpointId, vm: vm.identity, sinceMs, object, id: `snapshot/${object}` };
    const marker = markerIn(description);
    const of = `snapshot "${name}" of ${vm.identity.name}`;
    if (marker === undefined) {
      if (days < ground.foreignAfterDays) return [];
      const text = `The ${of} is ${days} days old and not coldframe's. It grows and slows the VM.`;
      return [{ ...base, kind: 'foreign-snapshot', release: 'never', text }];
    }
    if (marker.applianceId !== applianceId) {
      if (days < 1) return [];
      const text = `The ${of} was taken by another coldframe appliance (${marker.applianceId}). If that one is gone, remove it in the vSphere Client.`;
      return [{ ...base, kind: 'other-appliance', release: 'never', text }];
    }
    if (ground.open.some(({ id }) => id === marker.entryId)) return [];
    const text = `The ${of} is coldframe's own and no task accounts for it.`;
    return [{ ...base, kind: 'snapshot', release: 'ours', text }];
  });
}

function unfinishedVm({ identity, marker }: VmTraces, ground: StrayGround): readonly Stray[] {
  const made = marker === undefined ? undefined : markerIn(marker);
  if (made?.applianceId !== ground.applianceId) return [];
  if (ground.open.some(({ id }) => id === made.entryId)) return [];
  return [
    {
      id: `vm/${identity.moref}`,
      kind: 'unfinished-vm',
      endpointId: ground.endpointId,
      vm: identity,
      release: 'named',
      text: `${identity.name} was made by a restore that did not finish, and was kept. Its disks are not whole. Releasing it deletes it.`,
    },
  ];
}

function consolidation(vm: VmTraces, ground: StrayGround): readonly Stray[] {
  if (!vm.consolidationNeeded) return [];
  const { identity } = vm;
  const inUse = ground.open.some((entry) => isSnapshotOf(entry, identity));
  if (inUse) return [];
  const ours = ground.history.some((entry) => isSnapshotOf(entry, identity));
  return [
    {
      id: `consolidation/${identity.moref}`,
      kind: 'consolidation',
      endpointId: ground.endpointId,
      vm: identity,
      release: ours ? 'ours' : 'named',
      text: ours
        ? `${identity.name} needs consolidation, after a snapshot of coldframe's.`
        : `${identity.name} needs consolidation; nothing says that coldframe is the cause. It is not backed up until then.`,
    },
  ];
}

function isSnapshotOf(entry: JournalEntry, { moref, instanceUuid }: VmIdentity): boolean {
  if (entry.kind !== 'snapshot' && entry.kind !== 'restore-snapshot') return false;
  const { vmMoref, vmInstanceUuid } = entry.detail;
  return vmMoref === moref || (vmInstanceUuid !== undefined && vmInstanceUuid === instanceUuid);
}

function attachedDisks(ground: StrayGround): readonly Stray[] {
  const { appliance, endpointId, open, history } = ground;
  if (appliance === undefined) return [];
  // VDDK attaches by itself while it is at work.
  const vddkAtWork = open.some(
    (entry) => entry.kind === 'vddk-access' && entry.endpointId === endpointId,
  );
  return ground.attached.flatMap((disk): Stray[] => {
    if (open.some((entry) => attachedBy(entry, disk))) return [];
    const ours = history.some((entry) => attachedBy(entry, disk));
    if (!ours && vddkAtWork) return [];
    const base = { endpointId, vm: appliance, object: String(disk.key), id: `disk/${disk.key}` };
    if (ours)
      return [
        {
          ...base,
          kind: 'attached-disk',
          release: 'ours',
          text: `${disk.fileName} is attached to the appliance, from a task that has ended.`,
        },
      ];
    return [
      {
        ...base,
        kind: 'foreign-disk',
        release: 'named',
        text: `${disk.fileName} is attached to the appliance, and coldframe has no record of it. Releasing it detaches it and deletes no file.`,
      },
    ];
  });
}

function attachedBy(entry: JournalEntry, { fileName, parents = [] }: AttachedDisk): boolean {
  if (entry.kind !== 'attach') return false;
  return [fileName, ...parents].some((file) => entry.detail.files.includes(file));
}
