/**
 * Installs GRUB's boot sector and core image for BIOS, as grub-bios-setup does, into a
 * disk image: `bios-boot.ts DISK CORE BOOT FIRST-SECTOR`. Offsets are from GRUB's
 * boot.S and diskboot.S.
 */
import { open, readFile } from 'node:fs/promises';
import { ColdframeError } from '#core/error.ts';

const sectorBytes = 512;
/** In front of the partition table of the protective MBR. */
const bootCodeBytes = 440;
const bootKernelSector = 0x5c;
const bootDriveCheck = 0x66;
const noOperation = 0x90;
/** diskboot.img ends with one blocklist entry: sector u64, count u16, load segment u16. */
const coreBlocklist = 0x1f4;
const loadSegment = 0x820;

const [disk, corePath, bootPath, sector] = process.argv.slice(2);
const firstSector = Number(sector);
if (disk === undefined || corePath === undefined || bootPath === undefined || !(firstSector > 0))
  throw new ColdframeError('invalid-input', 'usage: bios-boot.ts DISK CORE BOOT FIRST-SECTOR');

const coreFile = await readFile(corePath);
const coreSectors = Math.ceil(coreFile.length / sectorBytes);
const core = Buffer.alloc(coreSectors * sectorBytes);
coreFile.copy(core);
core.writeBigUInt64LE(BigInt(firstSector + 1), coreBlocklist);
core.writeUInt16LE(coreSectors - 1, coreBlocklist + 8);
core.writeUInt16LE(loadSegment, coreBlocklist + 10);

const boot = await readFile(bootPath);
boot.writeBigUInt64LE(BigInt(firstSector), bootKernelSector);
// The jump over the check of the boot drive, which some BIOSes pass wrongly.
boot.fill(noOperation, bootDriveCheck, bootDriveCheck + 2);

await using image = await open(disk, 'r+');
await image.write(boot, 0, bootCodeBytes, 0);
await image.write(core, 0, core.length, firstSector * sectorBytes);
