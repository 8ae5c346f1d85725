import { ColdframeError } from '#core/error.ts';
import { descriptorSectors, sectorBytes } from './layout.ts';

export interface VmdkIdentity {
  /** 8 hexadecimal digits; VMware changes it whenever the content changes. */
  readonly contentId: string;
  /** 32 hexadecimal digits whose last 8 are the contentId. */
  readonly longContentId: string;
}

export interface DescriptorOptions {
  readonly capacitySectors: number;
  /** The file's own name, as it will be known to the reader. */
  readonly fileName: string;
  readonly identity: VmdkIdentity;
  /** Virtual hardware version, e.g. 14. */
  readonly hardwareVersion: number;
}

const heads = 255;
const sectorsPerTrack = 63;
const maxCylinders = 65_535;
/** The value that says "open-vm-tools, managed by the guest". */
const unmanagedToolsVersion = 2_147_483_647;

/** The embedded descriptor, padded with NUL to its fixed place in the file. */
export function descriptor(options: DescriptorOptions): Buffer {
  if (/["\\\r\n\0]/.test(options.fileName))
    throw new ColdframeError(
      'invalid-input',
      `'${options.fileName}' cannot be the name of a VMDK: use a name without quotes, backslashes and line ends.`,
    );
  const cylinders = Math.floor(options.capacitySectors / (heads * sectorsPerTrack));
  const lines = [
    '# Disk DescriptorFile',
    'version=1',
    `CID=${options.identity.contentId}`,
    'parentCID=ffffffff',
    'createType="streamOptimized"',
    '',
    '# Extent description',
    `RW ${options.capacitySectors} SPARSE "${options.fileName}"`,
    '',
    '# The Disk Data Base',
    '#DDB',
    '',
    'ddb.adapterType = "lsilogic"',
    `ddb.geometry.cylinders = "${Math.min(maxCylinders, Math.max(1, cylinders))}"`,
    `ddb.geometry.heads = "${heads}"`,
    `ddb.geometry.sectors = "${sectorsPerTrack}"`,
    `ddb.longContentID = "${options.identity.longContentId}"`,
    'ddb.toolsInstallType = "4"',
    `ddb.toolsVersion = "${unmanagedToolsVersion}"`,
    `ddb.virtualHWVersion = "${options.hardwareVersion}"`,
    '',
  ];
  const text = Buffer.from(lines.join('\n'), 'utf8');
  const padded = Buffer.alloc(descriptorSectors * sectorBytes);
  if (text.length >= padded.length)
    throw new ColdframeError(
      'invalid-input',
      `The VMDK's name is too long (${options.fileName.length} characters): shorten it.`,
    );
  text.copy(padded);
  return padded;
}
