import { element, textElement } from './xml.ts';

/** One disk of an OVF package, by the file that holds it. */
export interface OvfDisk {
  readonly fileName: string;
  readonly fileBytes: number;
  readonly capacityBytes: number;
  readonly populatedBytes: number;
}

const streamOptimized = 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized';

/** An OVF 1.1 document (DMTF DSP0243): the disks' files, the disks, then the other sections in their order. */
export function ovfDocument(disks: readonly OvfDisk[], sections: readonly string[]): string {
  const envelope = element(
    'Envelope',
    {
      xmlns: 'http://schemas.dmtf.org/ovf/envelope/1',
      'xmlns:ovf': 'http://schemas.dmtf.org/ovf/envelope/1',
      'xmlns:rasd':
        'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData',
      'xmlns:vssd':
        'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData',
      'xmlns:vmw': 'http://www.vmware.com/schema/ovf',
    },
    [
      element('References', {}, disks.map(fileElement)),
      element('DiskSection', {}, [info('Virtual disks'), ...disks.map(diskElement)]),
      ...sections,
    ],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${envelope}\n`;
}

/** What every section begins with. */
export function info(text: string): string {
  return textElement('Info', text);
}

/** What hardware items name the disk by. */
export function diskId(index: number): string {
  return `vmdisk${index + 1}`;
}

function fileId(index: number): string {
  return `file${index + 1}`;
}

function fileElement({ fileName, fileBytes }: OvfDisk, index: number): string {
  const attributes = { 'ovf:href': fileName, 'ovf:id': fileId(index), 'ovf:size': fileBytes };
  return element('File', attributes, []);
}

function diskElement({ capacityBytes, populatedBytes }: OvfDisk, index: number): string {
  return element(
    'Disk',
    {
      'ovf:capacity': capacityBytes,
      'ovf:capacityAllocationUnits': 'byte',
      'ovf:diskId': diskId(index),
      'ovf:fileRef': fileId(index),
      'ovf:format': streamOptimized,
      'ovf:populatedSize': populatedBytes,
    },
    [],
  );
}
