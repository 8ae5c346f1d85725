import { element, textElement } from '#ovf/xml.ts';

/** Sizes that an administrator can choose at deployment. Tools that know no choice take the last. */
export const configurations = [
  { id: 'small', label: 'Small', cpus: 2, memoryMiB: 4096, description: 'Up to about 50 VMs' },
  {
    id: 'standard',
    label: 'Standard',
    cpus: 4,
    memoryMiB: 8192,
    description: 'Up to about 500 VMs',
  },
] as const;

export const defaultConfiguration = 'standard';

/**
 * Controller 0 carries the appliance's own disks and nothing else; 1 to 3 take 15
 * hot-added disks each. The guest tells its own disks from others by this rule.
 */
export const controllerCount = 4;

const resourceTypes = { cpu: 3, memory: 4, scsiController: 6, ethernet: 10, disk: 17 } as const;
const firstControllerId = 3;

/** The Items of the VirtualHardwareSection, and VMware's settings after them. */
export function hardwareItems(diskIds: readonly string[], network: string): string[] {
  return [
    ...configurations.flatMap(({ id, cpus, memoryMiB }) => [
      item(
        {
          AllocationUnits: 'hertz * 10^6',
          Description: 'Number of virtual CPUs',
          ElementName: `${cpus} virtual CPUs`,
          InstanceID: 1,
          ResourceType: resourceTypes.cpu,
          VirtualQuantity: cpus,
        },
        id,
      ),
      item(
        {
          AllocationUnits: 'byte * 2^20',
          Description: 'Memory size',
          ElementName: `${memoryMiB} MiB of memory`,
          InstanceID: 2,
          ResourceType: resourceTypes.memory,
          VirtualQuantity: memoryMiB,
        },
        id,
      ),
    ]),
    ...Array.from({ length: controllerCount }, (_, index) =>
      item({
        Address: index,
        Description: 'SCSI controller',
        ElementName: `SCSI controller ${index}`,
        InstanceID: firstControllerId + index,
        ResourceSubType: 'VirtualSCSI',
        ResourceType: resourceTypes.scsiController,
      }),
    ),
    ...diskIds.map((diskId, index) =>
      item({
        AddressOnParent: index,
        ElementName: `Hard disk ${index + 1}`,
        HostResource: `ovf:/disk/${diskId}`,
        InstanceID: 10 + index,
        Parent: firstControllerId,
        ResourceType: resourceTypes.disk,
      }),
    ),
    item({
      AddressOnParent: 7,
      AutomaticAllocation: 'true',
      Connection: network,
      Description: 'Network adapter',
      ElementName: 'Network adapter 1',
      InstanceID: 20,
      ResourceSubType: 'VmxNet3',
      ResourceType: resourceTypes.ethernet,
    }),
    setting('Config', 'firmware', 'efi'),
    setting('Config', 'bootOptions.efiSecureBootEnabled', 'true'),
    // The guest follows NTP; following the host as well would pull the clock two ways.
    setting('Config', 'tools.syncTimeWithHost', 'false'),
    // Without it the guest does not see the disks' uuids.
    setting('ExtraConfig', 'disk.EnableUUID', 'TRUE'),
  ];
}

/** RASD children must be in alphabetical order; so the objects above are written. */
function item(fields: Readonly<Record<string, string | number>>, configuration?: string): string {
  return element(
    'Item',
    configuration === undefined ? {} : { 'ovf:configuration': configuration },
    Object.entries(fields).map(([name, value]) => textElement(`rasd:${name}`, value)),
  );
}

function setting(kind: 'Config' | 'ExtraConfig', key: string, value: string): string {
  return element(
    `vmw:${kind}`,
    { 'ovf:required': 'false', 'vmw:key': key, 'vmw:value': value },
    [],
  );
}
