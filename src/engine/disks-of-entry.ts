import type { JournalEntry, JournalEntryOf } from '#core/journal.ts';
import type { AttachedDisk } from '#core/vm.ts';

/**
 * Which of the disks on the appliance an attach entry made: those of its files, by their device
 * keys where these are known. What another task has attached is never among them, though the file
 * may be the same: a VM is backed up again, or clones share a parent.
 */
export function disksOfEntry(
  entry: JournalEntryOf<'attach'>,
  ground: { readonly attached: readonly AttachedDisk[]; readonly open: readonly JournalEntry[] },
): readonly AttachedDisk[] {
  const now = ground.open.filter(isAttach).find(({ id }) => id === entry.id) ?? entry;
  const { files, deviceKeys } = now.detail;
  return ground.attached.filter(
    (disk) =>
      isOf(files, disk) &&
      (deviceKeys === undefined || deviceKeys.includes(disk.key)) &&
      !isHeldByOther(disk, now, ground.open),
  );
}

/**
 * Whether another task's open entry names the disk. Of two entries about one VM the newer holds
 * it, so that they never wait for each other.
 */
export function isHeldByOther(
  disk: AttachedDisk,
  own:
    | JournalEntryOf<'attach'>
    | JournalEntryOf<'vddk-access'>
    | JournalEntryOf<'disable-migration'>,
  open: readonly JournalEntry[],
): boolean {
  return open.filter(isAttach).some(({ id, taskId, detail, createdAtMs }) => {
    if (id === own.id || taskId === own.taskId) return false;
    const sameVm = detail.vmMoref === own.detail.vmMoref;
    if (sameVm && createdAtMs < own.createdAtMs) return false;
    // Keys are given anew once they are free, so that the file has to be theirs as well.
    return detail.deviceKeys === undefined
      ? detail.files.includes(disk.fileName)
      : detail.deviceKeys.includes(disk.key) && isOf(detail.files, disk);
  });
}

/** The open entry of a newer task that has disks of the same VM open. */
export function newerUser(
  own: JournalEntryOf<'vddk-access'> | JournalEntryOf<'disable-migration'>,
  open: readonly JournalEntry[],
): JournalEntry | undefined {
  return open.find(
    (other) =>
      (other.kind === 'attach' ||
        other.kind === 'vddk-access' ||
        other.kind === 'disable-migration') &&
      other.taskId !== own.taskId &&
      other.endpointId === own.endpointId &&
      other.detail.vmMoref === own.detail.vmMoref &&
      other.createdAtMs > own.createdAtMs,
  );
}

function isOf(files: readonly string[], { fileName, parents = [] }: AttachedDisk): boolean {
  return [fileName, ...parents].some((file) => files.includes(file));
}

function isAttach(entry: JournalEntry): entry is JournalEntryOf<'attach'> {
  return entry.kind === 'attach';
}
