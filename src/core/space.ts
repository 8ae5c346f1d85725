import type { Finding } from './preflight.ts';
import type { DatastoreInfo } from './vm.ts';

const MiB = 1024 ** 2;

/** A full datastore stops every VM on it, and a snapshot's redo log grows while it is read. */
const leastDatastoreBytes = 1024 * MiB;
const leastRepositoryBytes = 16 * MiB;

export function checkDatastoreSpace(datastore: DatastoreInfo): readonly Finding[] {
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
