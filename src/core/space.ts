import type { Finding } from './preflight.ts';
import type { RestorePoint } from './restore-point.ts';
import type { DatastoreInfo, VmDetails } from './vm.ts';

const MiB = 1024 ** 2;

/** A full datastore stops every VM on it, and a snapshot's redo log grows while it is read. */
const leastDatastoreBytes = 1024 * MiB;
/** A backup is rarely longer. */
const hoursOfBackup = 4;
const leastRepositoryBytes = 16 * MiB;

/** Share of a running VM's disks that may change while it is backed up, where nothing better is known. */
const unknownGrowth = 0.05;

/**
 * Bytes by which the snapshot may grow on one datastore while the VM is backed up; by what changed
 * between its last backups where that is known.
 */
export function expectedGrowthBytes(
  vm: Pick<VmDetails, 'powerState' | 'disks'>,
  datastoreMoref: string,
  changedBytesPerHour: number | undefined,
): number {
  if (vm.powerState !== 'poweredOn') return 0;
  const bytesOf = (disks: VmDetails['disks']): number =>
    disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
  const here = bytesOf(vm.disks.filter(({ backing }) => backing.datastoreMoref === datastoreMoref));
  const all = bytesOf(vm.disks);
  if (changedBytesPerHour === undefined || all === 0) return here * unknownGrowth;
  return Math.min(here, ((changedBytesPerHour * here) / all) * hoursOfBackup);
}

/** What one incremental found changed, over the time since its parent; undefined without both. */
export function changedBytesPerHour(points: readonly RestorePoint[]): number | undefined {
  for (const { header, disks } of points) {
    const parent = points.find((point) => point.header.id === header.parent?.id);
    if (header.kind !== 'incremental' || parent === undefined) continue;
    const hours = (header.createdAtMs - parent.header.createdAtMs) / 3_600_000;
    const bytes = disks.reduce((sum, { mappedBytes }) => sum + mappedBytes, 0);
    if (hours > 0) return bytes / Math.max(hours, 1);
  }
  return undefined;
}

export function checkDatastoreSpace(datastore: DatastoreInfo, growthBytes = 0): readonly Finding[] {
  const { name, freeBytes, capacityBytes, accessible } = datastore;
  if (!accessible)
    return [
      {
        effect: 'blocks',
        id: 'datastore-not-accessible',
        text: `Datastore ${name} is not accessible.`,
      },
    ];
  // Small test datastores are not judged by the measure of large ones.
  const least = Math.min(leastDatastoreBytes, capacityBytes * 0.05);
  if (freeBytes < least)
    return [
      {
        effect: 'blocks',
        id: 'datastore-full',
        text: `Datastore ${name} has only ${Math.floor(freeBytes / MiB)} MiB left for the snapshot. Free some space first.`,
      },
    ];
  if (freeBytes - least < growthBytes)
    return [
      {
        effect: 'degrades',
        id: 'datastore-tight',
        text: `Datastore ${name} has ${Math.floor(freeBytes / MiB)} MiB left and the snapshot may grow by ${Math.ceil(growthBytes / MiB)} MiB. A backup that fills it is ended before it is whole. Free some space.`,
      },
    ];
  if (freeBytes < capacityBytes * 0.1)
    return [
      {
        effect: 'informs',
        id: 'datastore-nearly-full',
        text: `Datastore ${name} is more than 90 % full; the snapshot grows on it during the backup.`,
      },
    ];
  return [];
}

/**
 * Whether an archive of about `expectedBytes` (before compression) may be begun. Only what is
 * sure to fail blocks, since zeros and compression cannot be foreseen.
 */
export function checkRepositorySpace(freeBytes: number, expectedBytes: number): readonly Finding[] {
  const free = `${Math.floor(freeBytes / MiB)} MiB`;
  if (freeBytes < leastRepositoryBytes || freeBytes < expectedBytes * 0.02)
    return [
      {
        effect: 'blocks',
        id: 'repository-full',
        text: `The repository has only ${free} left. Free some space, or use another repository.`,
      },
    ];
  if (freeBytes < expectedBytes)
    return [
      {
        effect: 'informs',
        id: 'repository-tight',
        text: `The repository has ${free} left and ${Math.ceil(expectedBytes / MiB)} MiB are to be read; the backup may not fit.`,
      },
    ];
  return [];
}
