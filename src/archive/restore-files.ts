import { readFileSync } from 'node:fs';

import type { RestorePointHeader } from '#core/restore-point.ts';

/** restore.sh, the same in every archive of this version. */
export function restoreScript(): Buffer {
  return readFileSync(new URL('restore.sh', import.meta.url));
}

/** RESTORE.txt: how to get the data back with nothing but a shell. */
export function restoreReadme(header: RestorePointHeader): Buffer {
  const disks = header.disks.map(
    (disk) =>
      `  disks/${disk.label}.raw  "${printable(disk.deviceLabel)}", ${disk.capacityBytes} bytes, ${disk.mode}`,
  );
  const parent =
    header.parent === null
      ? 'It stands alone: no other archive is needed.'
      : `It holds only what changed since restore point ${header.parent.id}; the disks need that
archive too, and those before it back to the full one.`;
  return Buffer.from(
    `This is a backup of the virtual machine "${printable(header.vm.name)}",
taken ${new Date(header.createdAtMs).toISOString()} by coldframe.

Restore point ${header.id} (${header.kind}).
${parent}

Disks in this archive:
${disks.length === 0 ? '  none' : disks.join('\n')}

To get the disks back without coldframe
---------------------------------------
You need a POSIX shell, tar, awk, dd and, for .tar.zst, zstd.

1. Take restore.sh out of the full archive:
     tar -xf ARCHIVE.tar restore.sh
     zstd -dc ARCHIVE.tar.zst | tar -xf - restore.sh
2. Name a folder for the disks and then the archives, the full one first:
     sh restore.sh OUTPUT-FOLDER FULL INCREMENTAL-1 INCREMENTAL-2 ...
   Every disk becomes a raw image, OUTPUT-FOLDER/<label>.raw, that qemu-img,
   losetup and dd take as it is.

A full archive alone can also be unpacked with GNU tar or bsdtar; its
disks/*.raw are sparse files that become the raw images themselves:
     tar -xf FULL

The other members: restore-point.json says what was backed up, vm/ holds the
virtual machine's configuration, disks/*.metadata.json what the disks said of
themselves, disks/*.chunks the BLAKE3 digests of the data, and manifest.json,
the last one, the seal: without it the archive is unfinished.
`,
    'utf8',
  );
}

/** Names come from guests and administrators; nothing in them may steer a terminal. */
function printable(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
