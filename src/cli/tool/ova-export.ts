import type { FileHandle } from 'node:fs/promises';

import type { ArchiveReader } from '#archive/archive-reader.ts';
import type { OpenDisk, OpenDisks } from '#archive/open-disks.ts';
import { wrapError } from '#core/error.ts';
import { writeOva } from '#ovf/ova-file.ts';
import { savedVm, type SavedVm } from '#ovf/saved-vm.ts';
import { vmDescriptor } from '#ovf/vm-descriptor.ts';
import type { StreamOptimizedResult } from '#vmdk/stream-optimized.ts';

import { encodeVmdk } from './vmdk-export.ts';

export interface OvaExportOptions {
  /** Of the descriptor and the disks inside. */
  readonly baseName: string;
  readonly signal: AbortSignal;
  readonly onBytes: (disk: OpenDisk, doneBytes: number) => void;
}

/** The longest figures that there can be. */
const longest: StreamOptimizedResult = {
  fileBytes: Number.MAX_SAFE_INTEGER,
  populatedBytes: Number.MAX_SAFE_INTEGER,
};

/** The VM of a restore point as one .ova; answers with what it could not take along, in words. */
export async function exportOva(
  opened: OpenDisks,
  file: FileHandle,
  options: OvaExportOptions,
): Promise<readonly string[]> {
  const { baseName, signal, onBytes } = options;
  const { newest } = opened.chain;
  const { vm: identity, createdAtMs, id, skippedDisks } = newest.header;
  const vm = await readVm(newest);
  const disks = opened.disks.map((open, index) => ({
    open,
    fileName: `${baseName}-disk${index + 1}.vmdk`,
  }));
  await writeOva<StreamOptimizedResult>(file, {
    name: baseName,
    mtimeMs: createdAtMs,
    disks: disks.map(({ open, fileName }) => ({
      fileName,
      content: () =>
        encodeVmdk(open.image, {
          fileName,
          identityOf: `${id}/${open.disk.label}`,
          hardwareVersion: vm.hardwareVersion,
          signal,
          onBytes: (doneBytes) => onBytes(open, doneBytes),
        }),
    })),
    descriptor: (figures) =>
      vmDescriptor({
        name: identity.name,
        annotation: `Restore point ${id} of ${identity.name}, ${new Date(createdAtMs).toISOString()}, exported by coldframe`,
        vm,
        disks: disks.map(({ open, fileName }, index) => ({
          fileName,
          capacityBytes: open.disk.capacityBytes,
          controller: open.disk.controller,
          ...(figures[index] ?? longest),
        })),
      }),
  });
  return leftOut(newest, vm, [
    ...skippedDisks.map(({ deviceLabel }) => deviceLabel),
    ...newest.header.disks
      .filter(({ label }) => !opened.disks.some(({ disk }) => disk.label === label))
      .map(({ deviceLabel }) => deviceLabel),
  ]);
}

async function readVm(newest: ArchiveReader): Promise<SavedVm> {
  const config = await newest.readMember('vm/config.json');
  const place = await newest.readMember('vm/placement.json');
  try {
    return savedVm(JSON.parse(config.toString()), JSON.parse(place.toString()));
  } catch (error) {
    throw wrapError(
      'archive-damaged',
      `${newest.file.name}: vm/config.json is no configuration of a virtual machine. Export the disks alone, with --format vmdk.`,
      error,
    );
  }
}

function leftOut(newest: ArchiveReader, vm: SavedVm, disks: readonly string[]): string[] {
  const notes = [...disks, ...vm.leftOut].map((label) => `Not in the OVA: ${label}.`);
  if (newest.member('vm/nvram') !== undefined && vm.firmware === 'efi')
    notes.push(
      'Not in the OVA: the EFI settings. If the VM does not find its boot loader, choose the file in its boot menu; "coldframe restore" brings the settings back.',
    );
  return notes;
}
