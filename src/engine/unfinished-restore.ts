import { diskLabel } from '#core/disk-label.ts';
import { protectionGap } from '#core/disk-protection.ts';
import type { JournalDetails, JournalEntry, JournalEntryOf } from '#core/journal.ts';
import type { VmDetails, VmDisk, VmIdentity } from '#core/vm.ts';

import type { EngineContext } from './ports.ts';

type InPlaceEntry = JournalEntryOf<'in-place-restore'>;
type WrittenDisk = NonNullable<JournalDetails['in-place-restore']['disks']>[number];

/** A VM of one endpoint: morefs of two endpoints may well be the same. */
export interface VmAt {
  readonly endpointId: string;
  readonly vm: Pick<VmIdentity, 'moref' | 'instanceUuid'>;
}

/** What the journal entry of an in-place restore says about the VM and its disks. */
export function inPlaceDetail(
  { identity }: VmDetails,
  restorePointId: string,
  disks: Iterable<VmDisk>,
): JournalDetails['in-place-restore'] {
  return {
    vmMoref: identity.moref,
    vmInstanceUuid: identity.instanceUuid,
    restorePointId,
    disks: [...disks].map(asWritten),
  };
}

/** Whether an entry speaks of this VM: by its uuid where that was kept, whatever its moref is now. */
export function isAbout(
  { endpointId, detail }: JournalEntryOf<'in-place-restore' | 'power-off'>,
  { endpointId: wanted, vm }: VmAt,
): boolean {
  if (endpointId !== wanted) return false;
  const { vmMoref, vmInstanceUuid = '' } = detail;
  return vmInstanceUuid === '' || vm.instanceUuid === ''
    ? vmMoref === vm.moref
    : vmInstanceUuid === vm.instanceUuid;
}

/** Open entries of in-place restores of the VM: its disks are a mix. */
export function unfinishedRestores(
  entries: readonly JournalEntry[],
  of: VmAt,
): readonly InPlaceEntry[] {
  return entries.filter(
    (entry): entry is InPlaceEntry & JournalEntry =>
      entry.kind === 'in-place-restore' && isAbout(entry, of),
  );
}

/** The mix in a few words: which disks of the VM it is in. */
export function mixedDisks({ detail }: InPlaceEntry): string {
  return detail.disks === undefined
    ? 'its disks'
    : `its disks ${detail.disks.map(({ label }) => label).join(', ')}`;
}

/** An earlier restore, and its disks that are still a mix now that others have been written. */
export interface EarlierRestore {
  readonly entry: InPlaceEntry;
  readonly rest: readonly WrittenDisk[];
}

/** What `written` has made good of earlier restores; disks that the VM has no more do not count. */
export function compareWithEarlier(
  earlier: readonly InPlaceEntry[],
  vm: VmDetails,
  written: readonly VmDisk[],
): readonly EarlierRestore[] {
  const restored = written.map(asWritten);
  const present = vm.disks.map(asWritten);
  const all = vm.disks.filter((disk) => protectionGap(disk) === undefined).map(asWritten);
  return earlier.map((entry) => ({
    entry,
    rest: (entry.detail.disks ?? all).filter(
      (disk) =>
        present.some((each) => isSameDisk(disk, each)) &&
        !restored.some((each) => isSameDisk(disk, each)),
    ),
  }));
}

/**
 * Closes what is made good. Of the others the rest stays open, in an entry of its own that is
 * written before the old one is closed.
 */
export async function settleEarlier(
  { journal }: EngineContext,
  earlier: readonly EarlierRestore[],
): Promise<void> {
  for (const { entry, rest } of earlier) {
    const { taskId, kind, endpointId, detail } = entry;
    if (rest.length > 0) {
      if (rest.length === detail.disks?.length) continue;
      const left = { ...detail, disks: rest };
      const { id } = await journal.intend({ taskId, kind, endpointId, detail: left });
      await journal.mark(id, 'done');
    }
    await journal.mark(entry.id, 'undone');
  }
  if (earlier.some(({ rest }) => rest.length > 0)) return;
  // Whether the VM runs now is for the restore to say that made it whole.
  const tasks = new Set(earlier.map(({ entry }) => entry.taskId));
  for (const { id, kind, taskId } of await journal.open())
    if (kind === 'power-off' && tasks.has(taskId)) await journal.mark(id, 'undone');
}

/** No disk that can be backed up is left out, so nothing old can be among them. */
export function coversAll(vm: VmDetails, written: readonly VmDisk[]): boolean {
  const keys = new Set(written.map(({ key }) => key));
  return vm.disks.every((disk) => keys.has(disk.key) || protectionGap(disk) !== undefined);
}

function asWritten(disk: VmDisk): WrittenDisk {
  return { label: diskLabel(disk), uuid: disk.uuid };
}

/** By uuid, which a move to another slot does not change; by slot where one has none. */
function isSameDisk(one: WrittenDisk, other: WrittenDisk): boolean {
  return one.uuid === '' || other.uuid === ''
    ? one.label === other.label
    : one.uuid.toLowerCase() === other.uuid.toLowerCase();
}
