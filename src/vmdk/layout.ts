/** The byte layout of a streamOptimized VMDK (Virtual Disk Format 1.1). All numbers are little-endian. */

export const sectorBytes = 512;
export const grainSectors = 128;
export const grainBytes = grainSectors * sectorBytes;
/** Grains that one grain table maps: 32 MiB of disk. */
export const grainsPerTable = 512;

/** Where the descriptor text lies, and where the first grain marker may begin. */
export const descriptorSectors = 20;
export const overheadSectors = 128;

export const markerTypes = { endOfStream: 0, grainTable: 1, grainDirectory: 2, footer: 3 } as const;

/** In the header at the front: the grain directory is at the end, look in the footer. */
export const directoryAtEnd = 0xffff_ffff_ffff_ffffn;

const newlineTestValid = 0x1;
const compressedGrains = 0x1_0000;
const markersPresent = 0x2_0000;
const deflateAlgorithm = 1;

/** The 512-byte SparseExtentHeader; the footer is the same with the directory's real sector. */
export function sparseHeader(capacitySectors: number, directorySector: bigint): Buffer {
  const header = Buffer.alloc(sectorBytes);
  header.write('KDMV', 0, 'latin1');
  header.writeUInt32LE(3, 4);
  header.writeUInt32LE(newlineTestValid | compressedGrains | markersPresent, 8);
  header.writeBigUInt64LE(BigInt(capacitySectors), 12);
  header.writeBigUInt64LE(BigInt(grainSectors), 20);
  header.writeBigUInt64LE(1n, 28);
  header.writeBigUInt64LE(BigInt(descriptorSectors), 36);
  header.writeUInt32LE(grainsPerTable, 44);
  // 48: redundant directory, which this format has not.
  header.writeBigUInt64LE(directorySector, 56);
  header.writeBigUInt64LE(BigInt(overheadSectors), 64);
  // Four characters that a transfer in text mode would change.
  header.write('\n \r\n', 73, 'latin1');
  header.writeUInt16LE(deflateAlgorithm, 77);
  return header;
}

/** A metadata marker: what follows and how many sectors it has. */
export function metadataMarker(type: number, followingSectors: number): Buffer {
  const marker = Buffer.alloc(sectorBytes);
  marker.writeBigUInt64LE(BigInt(followingSectors), 0);
  marker.writeUInt32LE(type, 12);
  return marker;
}

/** A grain marker (first sector on the disk, compressed size) with its data, padded to whole sectors. */
export function grainRecord(diskSector: number, deflated: Buffer): Buffer {
  const record = Buffer.alloc(roundUp(12 + deflated.length, sectorBytes));
  record.writeBigUInt64LE(BigInt(diskSector), 0);
  record.writeUInt32LE(deflated.length, 8);
  deflated.copy(record, 12);
  return record;
}

export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
